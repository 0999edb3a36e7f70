import { describe, expect, it } from "vitest";
import type { FoundCheck } from "../discover-checks.ts";
import type { ControlPort, Subject } from "../subject/subject.ts";
import { inLanes } from "./lanes.ts";

const checks = (prefix: string, count: number, needs: FoundCheck["needs"] = []): FoundCheck[] =>
  Array.from({ length: count }, (_, n) => ({ id: `${prefix}${n}`, needs }) as FoundCheck);
const instances = (count: number): Subject[] =>
  Array.from({ length: count }, (_, n) => ({ description: String(n) }) as Subject);

/** Runs them, each taking two turns, and looks at what was under way on the same instance meanwhile. */
async function watched(all: FoundCheck[], count: number, width: number) {
  const underWay = new Map<Subject, Set<string>>();
  const done: string[] = [];
  const disturbed: string[] = [];
  let widest = 0;
  await inLanes(all, instances(count), width, async ({ id, needs }, instance) => {
    const here = underWay.get(instance) ?? new Set();
    underWay.set(instance, here.add(id));
    for (let turn = 0; turn < 2; turn += 1) {
      widest = Math.max(
        widest,
        [...underWay.values()].reduce((sum, { size }) => sum + size, 0),
      );
      if (needs.length > 0 && here.size > 1) disturbed.push(id);
      await Promise.resolve();
    }
    here.delete(id);
    done.push(id);
  });
  return { done, disturbed, widest };
}

describe("checks on instances", () => {
  for (const count of [1, 2, 3, 5]) {
    it(`${count}: each runs once, and a controlled one has its instance to itself`, async () => {
      const all = [...checks("o", 40), ...checks("c", 9, ["control:kill"])];
      const { done, disturbed } = await watched(all, count, 6);
      expect(done.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
      expect(disturbed).toEqual([]);
    });
  }

  it("runs as many at once as it was told, over all instances", async () => {
    expect((await watched(checks("o", 40), 1, 6)).widest).toBe(6);
    expect((await watched(checks("o", 40), 2, 6)).widest).toBe(6);
  });

  it("has one restart for all that can share it, and one for each that cannot", async () => {
    const restarts: string[] = [];
    const underWay = new Set<string>();
    const control: ControlPort = {
      verbs: ["restart"],
      invoke: async () => void restarts.push([...underWay].toSorted().join(" ")),
    };
    const sharing = checks("s", 3, ["control:restart"]).map((check) => ({
      ...check,
      sharesUpset: true as const,
    }));
    const all = [...sharing, ...checks("c", 2, ["control:restart"]), ...checks("o", 3)];
    await inLanes(all, [{ control } as Subject], 4, async ({ id, needs }, instance) => {
      underWay.add(id);
      await Promise.resolve();
      if (needs.length > 0) await instance.control!.invoke("restart");
      underWay.delete(id);
    });
    expect(restarts.toSorted()).toEqual(["c0", "c1", "s0 s1 s2"]);
  });
});
