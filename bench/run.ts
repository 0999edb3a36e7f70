import { PLANS } from "../conformance/bench/plan.ts";
import { readFlags } from "./flags.ts";
import { report } from "./report.ts";
import { benchServer } from "./server.ts";

/*
 * npm run bench [-- --quick] [--seed <seed>] [--keep]. The reference server beside the limits of its platform. Writes reports/bench/server.json and .html;
 * with --keep also bench/results/server.json, which is committed and shown on the site: on a quiet machine only.
 */

const { profile, seed, keep } = readFlags("bench", { seeded: true });
const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort(signal));

process.stdout.write(`${profile} profile, seed ${seed}\n`);
try {
  const result = await benchServer({
    seed,
    profile,
    plan: PLANS[profile],
    signal: stopped.signal,
    onGroup: (title, index, of) => process.stdout.write(`  ${index + 1} of ${of}  ${title}\n`),
  });
  report("server", result, keep);
} catch (error) {
  if (!stopped.signal.aborted) throw error;
  process.stderr.write(`bench: stopped by ${String(stopped.signal.reason)}; nothing is written\n`);
  process.exitCode = 1;
}
