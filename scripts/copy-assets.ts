/** Puts what the compiler does not copy, the generated validators, beside their importers in the build. */
import { cpSync } from "node:fs";

cpSync("schemas/generated", "dist/schemas/generated", { recursive: true });
