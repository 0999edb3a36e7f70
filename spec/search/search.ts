/** `npm run search`: every situation, the long ones included, and every variant. `-- --write` renews spec/rationale.md instead. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { specFolder } from "../requirements.ts";
import { LONG, SITUATIONS, VARIANTS } from "./all.ts";
import { rationale } from "./rationale.ts";
import { line, timed } from "./timed.ts";

const writes = process.argv.includes("--write");
let refuted = 0;

for (const { name, search } of writes ? [] : [...SITUATIONS, ...LONG]) {
  const { outcome, seconds } = timed(search);
  process.stdout.write(line(name, outcome, seconds));
  if (outcome.broken === undefined) continue;
  refuted++;
  process.stdout.write([...outcome.broken.trace, `=> ${outcome.broken.what}`, ""].join("\n"));
}

const found = VARIANTS.map((variant) => {
  const { outcome, seconds } = timed(variant.search);
  process.stdout.write(line(variant.name, outcome, seconds));
  return { variant, outcome };
});
const page = rationale(found);
if (writes) writeFileSync(join(specFolder(), "rationale.md"), page);
if (refuted > 0) process.exitCode = 1;
