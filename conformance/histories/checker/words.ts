import type { Frame, Listening, Operation, Seen, Written } from "../record.ts";
import type { Sighting } from "./facts.ts";

/** Operations that contradict each other: the fewest that show it. */
export interface Violation {
  /** The requirement that is broken, by the part of the protocol that the property belongs to. */
  property: Property;
  /** In a sentence or two. */
  message: string;
  /** The operations in words, in their order. */
  operations: string[];
}

/** What is judged, a file each. */
export type Property =
  | "nothing-lost"
  | "one-effect"
  | "greatest-stamp"
  | "gap-free-cursors"
  | "sessions"
  | "no-invention"
  | "isolation"
  | "all-or-nothing"
  | "one-order"
  | "replicas-agree"
  | "gap-free-delivery"
  | "no-invention-on-sockets";

/** "goal/history-0 as of +120 ms (deleted)": a state by its stamp. */
export function state(seen: Pick<Seen, "entity" | "stamp"> & { version?: number; seq?: number }): string {
  const { entity, stamp, version, seq } = seen;
  const numbers = [
    version === undefined ? [] : [`version ${version}`],
    seq === undefined ? [] : [`seq ${seq}`],
  ].flat();
  const all = [
    ...numbers,
    `stamp ${clock(stamp.updatedAt)}${stamp.deleted ? ", deleted" : ` ${stamp.checksum.slice(0, 6)}`}`,
  ];
  return `${entity} (${all.join(", ")})`;
}

/** "10:00:00.120". */
function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

export function told(operation: Operation): string {
  const { id, device, channel, began, ended, outcome, why, request } = operation;
  const when = ended === Number.POSITIVE_INFINITY ? `from ${began}, never answered` : `${began}–${ended}`;
  const copy = request === undefined ? "" : `, request ${request}`;
  const writes = operation.writes.map((written, index) => write(written, operation.results?.[index]));
  const read = operation.read;
  const rows = read
    ? [`${read.rows.length} rows${read.head === undefined ? "" : ` up to seq ${read.head}`}`]
    : [];
  const came = outcome === "ok" ? "" : `; ${why ?? outcome}`;
  return `#${id} ${device} ${channel}${copy} [${when}]: ${[...writes, ...rows].join("; ") || "nothing"}${came}`;
}

function write({ entity, stamp }: Written, answered?: NonNullable<Operation["results"]>[number]): string {
  const stored = answered?.stored;
  const became = answered
    ? ` → ${answered.outcome}${stored ? `, stored version ${stored.version} seq ${stored.seq}` : ""}`
    : "";
  return `${state({ entity, stamp })}${became}`;
}

export function toldFrame({ id, device }: Listening, frame: Frame): string {
  const number = frame.number === undefined ? "" : ` numbered ${frame.number}`;
  return `socket ${id} of ${device} got ${frame.type}${number} [${frame.at}]: ${frame.rows.map(state).join("; ") || "no entity"}`;
}

/** Where a state was told. */
export function source({ operation, frame, socket }: Sighting): string {
  return operation ? told(operation) : toldFrame(socket!, frame!);
}

/** "#4 by A1": in the middle of a sentence. */
export function name({ id, device, channel }: Operation): string {
  return `${channel} #${id} of ${device}`;
}

/** Each line once, as they stand. */
export function lines(...all: string[]): string[] {
  return [...new Set(all)];
}
