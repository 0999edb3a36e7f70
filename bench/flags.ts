import { parseArgs } from "node:util";

/** What every benchmark takes: `--quick` does less of everything, `--keep` is for the results that are committed. */
export function readFlags(command: string): { profile: "quick" | "full"; keep: boolean } {
  try {
    const { quick = false, keep = false } = parseArgs({
      options: { quick: { type: "boolean" }, keep: { type: "boolean" } },
    }).values;
    return { profile: quick ? "quick" : "full", keep };
  } catch (error) {
    process.stderr.write(
      `${command}: ${(error as Error).message}\nusage: npm run ${command} -- [--quick] [--keep]\n`,
    );
    return process.exit(2);
  }
}
