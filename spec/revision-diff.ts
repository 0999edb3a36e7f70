import type { FrozenRequirement, Revision } from "./revisions.ts";

/** What of a requirement differs. */
export type Aspect = "role" | "level" | "profile" | "text" | "unobservable";

export interface Altered {
  before: FrozenRequirement;
  after: FrozenRequirement;
  /** At least one. */
  aspects: Aspect[];
}

/** What became of the requirements of one revision in another; each list in the order of ids. */
export interface RevisionDiff {
  added: FrozenRequirement[];
  removed: FrozenRequirement[];
  altered: Altered[];
  /** How many stand as they were. */
  kept: number;
}

const ASPECTS = ["role", "level", "profile", "text", "unobservable"] as const;

/** From one list of requirements to another. */
export function diffRevisions(
  before: Pick<Revision, "requirements">,
  after: Pick<Revision, "requirements">,
): RevisionDiff {
  const old = new Map(before.requirements.map((one) => [one.id, one]));
  const now = new Map(after.requirements.map((one) => [one.id, one]));
  const altered = after.requirements.flatMap((one) => {
    const earlier = old.get(one.id);
    const aspects = earlier ? ASPECTS.filter((aspect) => earlier[aspect] !== one[aspect]) : [];
    return earlier && aspects.length > 0 ? [{ before: earlier, after: one, aspects }] : [];
  });
  const added = after.requirements.filter(({ id }) => !old.has(id));
  return {
    added,
    removed: before.requirements.filter(({ id }) => !now.has(id)),
    altered,
    kept: after.requirements.length - added.length - altered.length,
  };
}
