import type { FoundCheck } from "../discover-checks.ts";
import type { Subject } from "../subject/subject.ts";

/**
 * Runs the checks, side by side on each instance of the server: ordinary ones `width` at once over all instances; one
 * that uses the operator's control, which may take the whole server down, has an instance to itself. Of several
 * instances the first half begins with those, for they wait more than they work.
 */
export async function inLanes(
  checks: readonly FoundCheck[],
  instances: readonly Subject[],
  width: number,
  work: (check: FoundCheck, instance: Subject) => Promise<void>,
): Promise<void> {
  const controlled = checks.filter((check) => check.needs.some((need) => need.startsWith("control:")));
  const ordinary = checks.filter((check) => !controlled.includes(check));
  const share = Math.ceil(width / instances.length);
  const first = Math.floor(instances.length / 2);
  await Promise.all(
    instances.map(async (instance, index) => {
      const one = (check: FoundCheck): Promise<void> => work(check, instance);
      if (index < first) await drain(controlled, 1, one);
      await drain(ordinary, share, one);
      await drain(controlled, 1, one);
    }),
  );
}

/** Takes from the queue until it is empty. Others may take from it, too. */
async function drain<T>(queue: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, worker));
}
