import { parseArgs } from "node:util";
import { PLANS } from "../conformance/bench/plan.ts";
import { report } from "./report.ts";
import { benchServer } from "./server.ts";

/*
 * npm run bench [-- --quick] [--seed <seed>] [--keep]. The reference server beside the limits of its platform. Writes reports/bench/server.json and .html;
 * with --keep also bench/results/server.json, which is committed and shown on the site: on a quiet machine only.
 */

const USAGE = "usage: npm run bench -- [--quick] [--seed <seed>] [--keep]";

function given(): { quick?: boolean; seed?: string; keep?: boolean } | string {
  try {
    return parseArgs({
      options: { quick: { type: "boolean" }, seed: { type: "string" }, keep: { type: "boolean" } },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}

const flags = given();
if (typeof flags === "string") {
  process.stderr.write(`bench: ${flags}\n${USAGE}\n`);
  process.exit(2);
}
const { quick = false, seed = "mirubato", keep = false } = flags;
const profile = quick ? "quick" : "full";
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => stopped.abort(new Error(signal)));

process.stdout.write(`${profile} profile, seed ${seed}\n`);
const result = await benchServer({
  seed,
  profile,
  plan: PLANS[profile],
  signal: stopped.signal,
  onGroup: (title, index, of) => process.stdout.write(`  ${index + 1} of ${of}  ${title}\n`),
});
report("server", result, keep);
