/** Puts what the compiler does not copy, the generated validators, beside their importers in the build, and makes the command executable. */
import { chmodSync, cpSync } from "node:fs";

for (const file of ["validators.js", "validators.d.ts"])
  cpSync(`schemas/generated/${file}`, `dist/schemas/generated/${file}`);
chmodSync("dist/bin/mirubato-sync.js", 0o755);
