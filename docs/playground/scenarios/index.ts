import { LOSSES } from "./losses.ts";
import { REFUSALS } from "./refusals.ts";
import type { Scenario } from "./story.ts";
import { WINNERS } from "./winners.ts";

/** All that the page offers, in the order of its list. */
export const SCENARIOS: readonly Scenario[] = [...LOSSES, ...WINNERS, ...REFUSALS];

export function scenarioOf(id: string | undefined): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.id === id);
}
