/** What several checks on sockets have in common. No checks. */
import type { Connection } from "../../wire/connection.ts";
import type { Told } from "../../wire/messages.ts";
import type { Meta } from "../../wire/shapes.ts";

/** The members of `meta` that the prose names: a server may add others, here or there. */
export function stored(meta: Meta): Meta {
  const { entityType, entityId, version, seq, updatedAt, deletedAt, checksum } = meta;
  return { entityType, entityId, version, seq, updatedAt, deletedAt, checksum };
}

/**
 * What is told on a connection from now until `act` has ended and everything before it is told. The fence before it
 * keeps out what was written earlier: its turn is over (RT-021).
 */
export async function toldDuring(connection: Connection, act: () => Promise<unknown>): Promise<Told[]> {
  await connection.fence();
  const before = connection.told.length;
  await act();
  await connection.fence();
  return connection.told.slice(before);
}

/** Waits until an entity is told on a connection, or the connection has ended: both leave its client with a way on. */
export async function hearsOrEnds(connection: Connection, entityId: string): Promise<"heard" | "ended"> {
  try {
    await connection.hears(entityId);
    return "heard";
  } catch (error) {
    if (connection.closing === undefined) throw error;
    return "ended";
  }
}
