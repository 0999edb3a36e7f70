import { loadRequirements } from "../../spec/requirements.ts";
import { discoverChecks } from "../discover-checks.ts";
import { runCheckAgainst } from "../drivers/in-process.ts";
import type { Variant } from "../model/variant.ts";
import { unexpectedOf } from "./unexpected.ts";

/** As many as a run of the command line has under way. */
const LANES = 8;

const checks = await discoverChecks("server");
const requirements = new Map(loadRequirements().map((requirement) => [requirement.id, requirement]));

/**
 * What checks of a profile say of a variant that a conforming server is not to hear, and how many of them passed.
 * @param turn every third check is played, from the first, the second or the third: `npm run soak` plays all of them on every variant
 */
export async function falseAlarms(
  variant: Variant,
  profile: string,
  turn: number,
): Promise<{ alarms: string[]; passed: number }> {
  const alarms: string[] = [];
  let passed = 0;
  const queue = checks
    .filter(({ requirement }) => requirements.get(requirement)?.profile === profile)
    .filter((_, index) => index % 3 === turn % 3);
  const lane = async (): Promise<void> => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const level = requirements.get(check.requirement)?.level ?? "MUST";
      const { verdict, message } = await runCheckAgainst(check, variant, { level });
      if (verdict === "passed") passed += 1;
      const alarm = unexpectedOf({ id: check.id, verdict, message }, variant);
      if (alarm !== undefined) alarms.push(alarm);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { alarms, passed };
}
