import { describe, expect, it } from "vitest";
import { judge } from "./judge.ts";
import { became, Made, seen, written } from "./made.ts";

describe("the time that judging takes", () => {
  /** A consistent history of so many operations: pushes of two entities out of 500, and pulls, in turns. */
  const long = (operations: number): Made => {
    const made = new Made();
    const versions = new Map<string, number>();
    let seq = 0;
    let pending: ReturnType<typeof seen>[] = [];
    for (let n = 0; n < operations; n += 1) {
      if (n % 2 === 1) {
        made.pull("A2", "delta pull", pending, { head: seq });
        pending = [];
        continue;
      }
      const items = [n / 2, n / 2 + 250].map((number): Parameters<Made["push"]>[1] => {
        const entity = `goal/${number % 500}`;
        const version = (versions.get(entity) ?? 0) + 1;
        versions.set(entity, version);
        const write = written(entity, n, `${entity} ${n}`);
        const row = seen(write, version, (seq += 1));
        pending.push(row);
        return [write, became("applied", row)];
      });
      made.push("A1", ...items);
    }
    return made;
  };
  const msOf = ({ history }: Made): number => {
    const began = performance.now();
    expect(judge(history)).toEqual([]);
    return performance.now() - began;
  };

  it(
    "grows nearly in line with the history: 50,000 operations take at most 30 times what 5,000 take",
    { timeout: 300_000 },
    () => {
      const [small, large] = [long(5_000), long(50_000)];
      msOf(small);
      // Ten times the operations, and memory beyond the caches. The least of three: other work only ever adds.
      const least = (made: Made): number => Math.min(msOf(made), msOf(made), msOf(made));
      expect(least(large) / Math.max(1, least(small))).toBeLessThan(30);
    },
  );
});
