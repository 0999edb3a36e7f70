import { fileURLToPath } from "node:url";
import { writeWhole } from "../../conformance/run/output-file.ts";
import { costOf } from "./cost.ts";
import { count } from "./count.ts";
import { renderCost } from "./page.ts";

/* npm run bench:cost. Counts what the reference server asks of its platform, works out what that costs, and writes both to bench/results/. */

const result = costOf(await count());
const folder = fileURLToPath(new URL("../results/", import.meta.url));
writeWhole(`${folder}cost.json`, `${JSON.stringify(result, null, 2)}\n`, "the result");
writeWhole(`${folder}cost.md`, renderCost(result), "the page");
process.stdout.write(renderCost(result));
