import { describe, expect, it } from "vitest";
import { loadRequirements } from "../../../spec/requirements.ts";
import { SCENARIOS } from "./index.ts";
import { decode, encode } from "../world/actions.ts";
import { World } from "../world/world.ts";

const KNOWN = new Set(loadRequirements().map(({ id }) => id));

/** What can be told of a world: two that are alike have the same. */
const told = ({ trace, time, done }: World): string =>
  JSON.stringify({ now: time.now, done, moments: trace.moments });

describe.each(SCENARIOS)("$title", ({ id, steps, end, requirements }) => {
  it("comes to its end, and again from its link", async () => {
    const world = await World.begin();
    for (const { actions, watch } of steps) {
      await world.act(...actions);
      await world.runTo(world.time.now + watch);
    }
    expect(end.filter(({ holds }) => !holds(world)).map(({ say }) => say)).toEqual([]);

    const cited = world.trace.moments.flatMap(({ of }) => (of.kind === "note" ? of.requirements : []));
    expect(cited.filter((requirement) => !KNOWN.has(requirement))).toEqual([]);

    const link = encode(world.recording(id));
    const recording = decode(link);
    expect(recording?.scenario).toBe(id);
    const again = await World.of(recording!);
    expect(told(again)).toBe(told(world));
    expect(link.length).toBeLessThan(600);
    world.close();
    again.close();
  });

  it("cites requirements that exist", () => {
    expect(requirements.filter((requirement) => !KNOWN.has(requirement))).toEqual([]);
  });
});
