import { push_request } from "../../schemas/generated/validators.js";
import { entityTypeOf, isMember } from "../../schemas/collections.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import { formatInstant } from "../../spec/rules/instant.ts";
import { escapeMember, examine, refuse, type Candidate, type Refusal } from "./candidate.ts";
import { requireCount, requireSchema } from "./envelope.ts";
import { conflictsOf, resultOf, statsOf } from "./results.ts";
import type { WriteCall } from "./write.ts";

/** `POST /api/sync/push`: the items of a push (spec/push.md), and its answer. */
export const push: WriteCall = {
  endpoint: "push",

  async items(body, rules) {
    requireSchema(push_request, body);
    const collections = Object.entries((body as JsonObject)["changes"] as Record<string, Json[] | null>);
    requireCount(
      collections.reduce((sum, [, items]) => sum + (items?.length ?? 0), 0),
      rules.maxItems,
    );
    const items: (Candidate | Refusal)[] = [];
    for (const [member, list] of collections) {
      for (const [index, item] of (list ?? []).entries()) {
        const pointer = `/changes/${escapeMember(member)}/${index}`;
        const place = { pointer, itemPointer: pointer };
        items.push(
          isMember(member)
            ? await examine(place, entityTypeOf(member), item, rules)
            : refuse(place, "UNKNOWN_COLLECTION", "is in a collection that this server does not know"),
        );
      }
    }
    return items;
  },

  answer(verdicts, syncToken, now) {
    return {
      success: verdicts.every((verdict) => verdict.outcome !== "refused"),
      syncToken,
      conflicts: conflictsOf(verdicts),
      stats: statsOf(verdicts),
      results: verdicts.map(resultOf),
      timestamp: formatInstant(now),
    };
  },
};
