import type { Model } from "../model/model.ts";
import { newEpoch } from "../model/state.ts";
import type { UserState } from "../model/state.ts";

/** What a server had stored at some moment. */
export type Backup = readonly UserState[];

export function backupOf({ server }: Model): Backup {
  return structuredClone([...server.users.values()]);
}

/** Gives a server that has stored nothing yet what another had, under a new epoch, as after any restore (PULL-008). */
export function restore({ server }: Model, backup: Backup): void {
  for (const user of structuredClone(backup)) server.users.set(user.id, { ...user, epoch: newEpoch(server) });
}
