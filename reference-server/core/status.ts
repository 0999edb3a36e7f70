import type { StatusResponse } from "../../schemas/http/status.ts";
import type { Limits } from "../../schemas/limits.ts";
import { formatInstant } from "../../spec/rules/instant.ts";
import type { Answer } from "./answer.ts";
import { mintCursor } from "./cursor.ts";
import type { Storage, Visit } from "./ports.ts";
import type { RestoreGuard } from "./restore-guard.ts";

/** `GET /api/sync/status` (spec/status.md). */
export async function status(
  visit: Visit,
  limits: Limits,
  storage: Storage,
  guard: RestoreGuard,
): Promise<Answer> {
  const witness = await guard.witness();
  const view = await storage.readStatus(visit, visit.now - limits.deviceWindowMs);
  const identity = await guard.admit(visit, witness, view.identity);
  const body: StatusResponse = {
    lastSyncTime: identity.lastWrite === null ? null : formatInstant(identity.lastWrite),
    syncToken: await mintCursor(identity, { after: identity.head, types: undefined, full: undefined }),
    pendingChanges: 0,
    deviceCount: view.deviceCount,
    entityCount: view.entityCount,
  };
  return { status: 200, body: JSON.stringify(body) };
}
