import type { FoundCheck } from "../discover-checks.ts";
import type { Subject } from "../subject/subject.ts";
import { sharedControls } from "./shared-control.ts";

/** What the operator's control does to the whole server, and so to any number of checks at once. */
const SHARED = ["restart", "kill"] as const;

/**
 * Runs the checks, side by side on each instance of the server: ordinary ones `width` at once over all instances; one
 * that uses the operator's control, which may take the whole server down, has an instance to itself, or shares it with
 * those that can wait for the same upset. Of several instances the first half begins with those, for they wait more
 * than they work.
 */
export async function inLanes(
  checks: readonly FoundCheck[],
  instances: readonly Subject[],
  width: number,
  work: (check: FoundCheck, instance: Subject) => Promise<void>,
): Promise<void> {
  const controlled = checks.filter((check) => check.needs.some((need) => need.startsWith("control:")));
  const ordinary = checks.filter((check) => !controlled.includes(check));
  const groups = controlled.filter((check) => !check.sharesUpset).map((check) => [check]);
  for (const verb of SHARED) {
    const sharing = controlled.filter(
      (check) => check.sharesUpset && check.needs.includes(`control:${verb}`),
    );
    for (let from = 0; from < sharing.length; from += width) groups.push(sharing.slice(from, from + width));
  }
  const share = Math.ceil(width / instances.length);
  const first = Math.floor(instances.length / 2);
  await Promise.all(
    instances.map(async (instance, index) => {
      const one = (check: FoundCheck): Promise<void> => work(check, instance);
      const group = (members: readonly FoundCheck[]): Promise<void> => together(members, instance, work);
      if (index < first) await drain(groups, 1, group);
      await drain(ordinary, share, one);
      await drain(groups, 1, group);
    }),
  );
}

async function together(
  members: readonly FoundCheck[],
  instance: Subject,
  work: (check: FoundCheck, instance: Subject) => Promise<void>,
): Promise<void> {
  const verb = SHARED.find((each) => members[0]!.needs.includes(`control:${each}`));
  if (members.length === 1 || verb === undefined || instance.control === undefined) {
    for (const check of members) await work(check, instance);
    return;
  }
  const controls = sharedControls(instance.control, verb, members.length);
  await Promise.all(
    members.map(async (check, index) => {
      const { control, leave } = controls[index]!;
      await work(check, { ...instance, control }).finally(leave);
    }),
  );
}

/** Takes from the queue until it is empty. Others may take from it, too. */
export async function drain<T>(queue: T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, worker));
}
