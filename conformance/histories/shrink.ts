import type { Planned, Schedule, Step } from "./schedule.ts";
import { stepsOf } from "./schedule.ts";

/** Whether a smaller schedule still does it; it is played for that. */
type StillFails = (schedule: Schedule) => Promise<boolean>;

/**
 * Delta debugging: leaves out ever smaller parts of a failing schedule, steps first, then single items, as long as it still
 * fails and there is time. What remains is played in the same groups.
 */
export async function shrink(failing: Schedule, stillFails: StillFails, until: number): Promise<Schedule> {
  let best = failing;
  const smaller = async <T>(all: readonly T[], build: (kept: ReadonlySet<T>) => Schedule): Promise<void> => {
    let kept = [...all];
    for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < kept.length && kept.length > 1;) {
        if (performance.now() > until) return;
        const without = kept.filter((_, index) => index < from || index >= from + size);
        const candidate = build(new Set(without));
        if (without.length > 0 && (await stillFails(candidate))) {
          kept = without;
          best = candidate;
        } else from += size;
      }
    }
  };
  // What a whole user did, or a device, is often beside the point: that much at once saves many plays.
  for (const who of new Set(
    stepsOf(failing).flatMap(({ by: [user, device] }) => [`${user}`, `${user} ${device}`]),
  )) {
    const others = withSteps(
      best,
      ({ by: [user, device] }) => ![`${user}`, `${user} ${device}`].includes(who),
    );
    const fewer = stepsOf(others).length;
    if (performance.now() > until || fewer === 0 || fewer === stepsOf(best).length) continue;
    if (await stillFails(others)) best = others;
  }
  const coarse = best;
  await smaller(stepsOf(coarse), (kept) => withSteps(coarse, (step) => kept.has(step)));
  const left = best;
  await smaller(
    stepsOf(left).flatMap((step) => ("items" in step ? step.items : [])),
    (kept) => withItems(left, kept),
  );
  return best;
}

function withSteps(schedule: Schedule, keeps: (step: Step) => boolean): Schedule {
  const groups = schedule.groups.map((group) => group.filter(keeps)).filter((group) => group.length > 0);
  return { ...schedule, groups };
}

function withItems(schedule: Schedule, kept: ReadonlySet<Planned>): Schedule {
  const groups = schedule.groups.map((group) =>
    group.flatMap((step): Step[] => {
      if (!("items" in step)) return [step];
      const items = step.items.filter((item) => kept.has(item));
      return items.length > 0 ? [{ ...step, items }] : [];
    }),
  );
  return { ...schedule, groups: groups.filter((group) => group.length > 0) };
}
