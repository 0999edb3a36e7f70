import type { RawRequest } from "../check.ts";
import type { Builders } from "../entities.ts";

/** The calls that take a body. */
export const BODY_CALLS = [
  ["POST", "/api/sync/pull"],
  ["POST", "/api/sync/push"],
  ["POST", "/api/sync/batch"],
] as const;

/** One request to each of the four sync calls: good ones, but for what a check changes about them. */
export function syncCalls({ anEntry, aGoal }: Pick<Builders, "anEntry" | "aGoal">): RawRequest[] {
  const goal = aGoal();
  return [
    { method: "POST", path: "/api/sync/pull", json: {} },
    { method: "POST", path: "/api/sync/push", json: { changes: { entries: [anEntry()] } } },
    {
      method: "POST",
      path: "/api/sync/batch",
      json: { entities: [{ id: goal["id"], type: "goal", data: goal }] },
    },
    { method: "GET", path: "/api/sync/status" },
  ];
}
