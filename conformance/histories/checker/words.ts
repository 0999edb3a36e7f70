import type { Frame, Listening, Operation, Seen, Written } from "../record.ts";
import type { Sighting } from "./facts.ts";

/** Operations that contradict each other: the fewest that show it. */
export interface Violation {
  /** The requirement that is broken, by the part of the protocol that the property belongs to. */
  property: Property;
  /** In a sentence or two. */
  message: string;
  operations: Account[];
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

/** What one operation or frame was, between whom and when: the moments are those of the history. */
export interface Account {
  /** The device, or its socket. */
  who: string;
  /** What went to the server, a part a line. */
  asked?: { at: number; parts: string[] };
  /** What came from it. */
  answered?: { at: number; parts: string[] };
}

export function told(operation: Operation): Account {
  const { id, device: who, channel, began, ended, outcome, why, request, read } = operation;
  const copy = request === undefined ? "" : `, request ${request}`;
  const asked = [`${channel} #${id}${copy}`, ...operation.writes.map(state)];
  if (channel === "edit") return { who, asked: { at: began, parts: asked } };
  if (ended === Number.POSITIVE_INFINITY) {
    return { who, asked: { at: began, parts: [...asked, `no answer: ${why ?? outcome}`] } };
  }
  const rows = read
    ? [`${read.rows.length} rows${read.head === undefined ? "" : ` up to seq ${read.head}`}`]
    : [];
  const answers = (operation.results ?? []).map((answered, n) => became(operation.writes[n]!, answered));
  const failed = outcome === "ok" ? [] : [why ?? outcome];
  return {
    who,
    asked: { at: began, parts: asked },
    answered: { at: ended, parts: [...answers, ...rows, ...failed] },
  };
}

function became({ entity }: Written, { outcome, stored }: NonNullable<Operation["results"]>[number]): string {
  return `${outcome}: ${stored ? `stored is ${state(stored)}` : entity}`;
}

export function toldFrame({ id, device }: Listening, frame: Frame): Account {
  const number = frame.number === undefined ? "" : ` numbered ${frame.number}`;
  const parts = [`${frame.type}${number}`, ...frame.rows.map(state)];
  return { who: `${device} socket ${id}`, answered: { at: frame.at, parts } };
}

/** Where a state was told. */
export function source({ operation, frame, socket }: Sighting): Account {
  return operation ? told(operation) : toldFrame(socket!, frame!);
}

/** "#4 by A1": in the middle of a sentence. */
export function name({ id, device, channel }: Operation): string {
  return `${channel} #${id} of ${device}`;
}

/** Each operation once, as they stand. */
export function lines(...all: Account[]): Account[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
