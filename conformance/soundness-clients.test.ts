import { describe, expect, it } from "vitest";
import { loadRequirements } from "../spec/requirements.ts";
import { network } from "./clients/in-process-network.ts";
import { discoverChecks } from "./discover-checks.ts";
import { modelClientSubject } from "./drivers/client/in-process.ts";
import { CLIENT_VARIANTS } from "./model-client/variants.ts";
import type { ClientVariant } from "./model-client/variants.ts";
import { runPatiently } from "./run/patience.ts";
import { unexpectedOf } from "./testing/unexpected.ts";

/** Most of a check is waiting. */
const LANES = 12;

const checks = await discoverChecks("client");
const requirements = new Map(loadRequirements().map((requirement) => [requirement.id, requirement]));

/** What checks say of a client that a conforming one is not to hear, and how many of them passed. Every third check, by turns. */
async function falseAlarms(
  { name, story, deform, ...options }: ClientVariant,
  turn: number,
): Promise<{ alarms: string[]; passed: number }> {
  const alarms: string[] = [];
  let passed = 0;
  const queue = checks.filter((_, index) => index % 3 === turn % 3);
  const lane = async (): Promise<void> => {
    for (let check = queue.shift(); check; check = queue.shift()) {
      const mutant = { name, story, deform, breaks: ["nothing"] };
      const subject = modelClientSubject({ ...options, mutant, network });
      const level = requirements.get(check.requirement)?.level ?? "MUST";
      const outcome = await runPatiently(check, subject, { seed: "soundness", nonce: "model", level });
      if (outcome.verdict === "passed") passed += 1;
      const alarm = unexpectedOf({ ...outcome, id: check.id }, {});
      if (alarm !== undefined) alarms.push(alarm);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { alarms, passed };
}

describe("a client that conforms in its own way hears no false alarm:", () => {
  it.each(CLIENT_VARIANTS.map((variant, turn) => [variant.name, variant, turn] as const))(
    "%s",
    { timeout: 120_000 },
    async (_name, variant, turn) => {
      const { alarms, passed } = await falseAlarms(variant, turn);
      expect(alarms).toEqual([]);
      // Else a suite that judges nothing would be sound.
      expect(passed).toBeGreaterThan(50);
    },
  );
});

it("the variants have names of their own, and cite requirements that exist", () => {
  expect(new Set(CLIENT_VARIANTS.map(({ name }) => name)).size).toBe(CLIENT_VARIANTS.length);
  const cited = CLIENT_VARIANTS.flatMap(({ uses }) => uses.flatMap(({ of }) => of));
  expect(cited.filter((id) => !requirements.has(id))).toEqual([]);
});
