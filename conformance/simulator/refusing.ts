import type { ItemErrorCode } from "../../schemas/error-codes.ts";
import { formatInstant } from "../../spec/rules/instant.ts";
import { conforming } from "../model/behaviour.ts";
import type { Behaviour } from "../model/behaviour.ts";
import type { Context } from "../model/context.ts";
import { ItemRefusal } from "../model/refusal.ts";
import type { Candidate } from "../model/submission.ts";

/** A server that finds something wrong with certain entities, or names them otherwise, over HTTP and on sockets; everything else it judges as it should. */
export interface RefusingServer {
  /** The server's behaviour. */
  readonly behaviour: Behaviour;
  /**
   * The next `times` writes of this entity are refused with this code, which may be one that nobody knows. A refused item is not
   * stored. CLOCK_SKEW brings `serverTime`, and in a batch VERSION_CONFLICT what is stored. Default: until {@link accept}.
   */
  refuse(id: string, code: string, times?: number): void;
  /** From now on the entity is judged as any other. */
  accept(id: string): void;
  /** From now on it keeps this piece under another id, whoever writes it, as a server with a newer rule for ids would. */
  rename(scoreId: string, as: string): void;
}

export function refusingServer(): RefusingServer {
  const planned = new Map<string, { code: string; left: number }>();
  const names = new Map<string, string>();
  const of = (id: string): { code: string; left: number } | undefined => {
    const rule = planned.get(id);
    return rule && rule.left > 0 ? rule : undefined;
  };
  const named = async (context: Context, candidate: Candidate): Promise<Candidate> => {
    const scoreId = candidate.entityType === "repertoire_item" ? names.get(candidate.entityId) : undefined;
    if (scoreId === undefined) return candidate;
    const item = { ...candidate.item, scoreId };
    const checksum = await conforming.checksum(context, item, candidate.deleted);
    return { ...candidate, entityId: scoreId, item, checksum, stamp: { ...candidate.stamp, checksum } };
  };
  const behaviour: Behaviour = {
    ...conforming,
    async examine(context, submission) {
      const candidate = await named(context, await conforming.examine(context, submission));
      const rule = of(candidate.entityId);
      // A batch refuses with VERSION_CONFLICT where versions are looked at, and tells what is stored.
      if (rule === undefined || (rule.code === "VERSION_CONFLICT" && submission.frame)) return candidate;
      rule.left -= 1;
      const { pointer } = submission;
      throw new ItemRefusal(rule.code as ItemErrorCode, pointer, "the simulator refuses this entity", {
        members: rule.code === "CLOCK_SKEW" ? { serverTime: formatInstant(context.server.now()) } : {},
      });
    },
    preconditionOf: (context, candidate) =>
      conforming.preconditionOf(context, candidate) ?? (of(candidate.entityId) ? 0 : undefined),
    isConflict(context, version, plan) {
      const rule = of(plan.entityId);
      if (rule?.code !== "VERSION_CONFLICT" || !plan.stored)
        return conforming.isConflict(context, version, plan);
      rule.left -= 1;
      return true;
    },
  };
  return {
    behaviour,
    refuse: (id, code, times = Infinity) => void planned.set(id, { code, left: times }),
    accept: (id) => void planned.delete(id),
    rename: (scoreId, as) => void names.set(scoreId, as),
  };
}
