import { useCallback, useSyncExternalStore } from "react";
import type { EntityType } from "../schemas/collections.ts";
import type { SyncClient } from "./client.ts";
import type { SyncError } from "./errors.ts";
import type { Status } from "./sync/realtime.ts";
import type { DeadLetter, Entity } from "./types.ts";

/** How a client stands. The same object until something in it changes. */
export interface SyncStatus {
  readonly status: Status;
  /** How many entities have writes that are not acknowledged. */
  readonly pending: number;
  readonly deadLetters: readonly DeadLetter[];
  /** When the server is tried again, Unix milliseconds; null while nothing waits for that. */
  readonly nextAttemptAt: number | null;
  /** Why the client does not talk to the server until `resume()`. */
  readonly halted: SyncError | undefined;
}

/** All entities of a type, newest first; draws anew when one of them changes, and for nothing else. */
export function useEntities<T extends EntityType>(client: SyncClient, type: T): readonly Entity<T>[] {
  const subscribe = useCallback((changed: () => void) => client.subscribe(changed, { type }), [client, type]);
  const current = (): readonly Entity<T>[] => client.list(type);
  return useSyncExternalStore(subscribe, current, current);
}

/** One entity, or undefined while there is none; draws anew when it changes. */
export function useEntity<T extends EntityType>(
  client: SyncClient,
  type: T,
  id: string,
): Entity<T> | undefined {
  const subscribe = useCallback(
    (changed: () => void) => client.subscribe(changed, { type, id }),
    [client, type, id],
  );
  const current = (): Entity<T> | undefined => client.get(type, id);
  return useSyncExternalStore(subscribe, current, current);
}

/** Status, pending writes and dead letters; draws anew when one of them changes. */
export function useSyncStatus(client: SyncClient): SyncStatus {
  const subscribe = useCallback(
    (changed: () => void) => {
      const ends = [
        client.on("status", changed),
        client.on("nextAttempt", changed),
        client.on("pending", changed),
        client.on("deadLetter", changed),
        client.on("error", changed),
        // A dead letter that is discarded shows in what the user sees.
        client.subscribe(changed),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
    [client],
  );
  const current = (): SyncStatus => statusOf(client);
  return useSyncExternalStore(subscribe, current, current);
}

const lastTold = new WeakMap<SyncClient, SyncStatus>();

/** React takes another object for another state: what says the same is the same. */
function statusOf(client: SyncClient): SyncStatus {
  const { status, nextAttemptAt, pendingCount: pending, halted } = client;
  const deadLetters = client.deadLetters();
  const told = lastTold.get(client);
  const same =
    told?.status === status &&
    told.nextAttemptAt === nextAttemptAt &&
    told.pending === pending &&
    told.halted === halted &&
    told.deadLetters.length === deadLetters.length &&
    told.deadLetters.every((letter, at) => sameLetter(letter, deadLetters[at]!));
  if (same) return told;
  const next: SyncStatus = { status, nextAttemptAt, pending, deadLetters, halted };
  lastTold.set(client, next);
  return next;
}

function sameLetter(a: DeadLetter, b: DeadLetter): boolean {
  return a.type === b.type && a.id === b.id && a.writtenAt === b.writtenAt && a.code === b.code;
}
