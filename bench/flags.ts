import { parseArgs } from "node:util";

export interface Flags {
  profile: "quick" | "full";
  keep: boolean;
  /** Only of a benchmark that is `seeded`. */
  seed: string;
}

/** What every benchmark takes: `--quick` does less of everything, `--keep` is for the results that are committed. */
export function readFlags(command: string, { seeded = false } = {}): Flags {
  try {
    const { quick, keep, seed } = parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        ...(seeded && { seed: { type: "string", default: "mirubato" } }),
      },
    }).values as { quick: boolean; keep: boolean; seed?: string };
    return { profile: quick ? "quick" : "full", keep, seed: seed ?? "" };
  } catch (error) {
    const usage = `npm run ${command} -- [--quick]${seeded ? " [--seed <seed>]" : ""} [--keep]`;
    process.stderr.write(`${command}: ${(error as Error).message}\nusage: ${usage}\n`);
    return process.exit(2);
  }
}
