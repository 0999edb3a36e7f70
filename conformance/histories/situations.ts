import { stampKey } from "./record.ts";
import type { History, Operation } from "./record.ts";
import type { Schedule, Upset } from "./schedule.ts";

/** What makes a history worth judging: how often each situation arose on the wire. */
export type Situations = Record<string, number>;

/** Situations without which a run of histories proves too little, by profile. */
const NEEDED = {
  http: [
    "answered writes",
    "writes of one entity at once",
    "superseded writes",
    "equal times",
    "deletions",
    "writes after a deletion",
    "duplicates under another key",
    "replays",
    "copies at once",
    "lost answers",
    "cut connections",
    "delta pulls",
    "full pulls",
    "pulls in pages",
    "pulls beside writes",
    "quiet ends",
  ],
  realtime: [
    "answered writes",
    "writes of one entity at once",
    "answered mutations",
    "superseded writes",
    "lost answers",
    "cut connections",
    "changes on both channels",
    "catch-ups",
    "catch-ups beside writes",
    "events",
    "half-open sockets",
    "slow readers",
    "reconnections",
    "quiet ends",
  ],
} as const;

/** Those of the needed situations that never arose. */
export function missingSituations(seen: Situations, profile: Schedule["profile"], upset?: Upset): string[] {
  const needed: readonly string[] = upset
    ? [...NEEDED[profile].slice(0, 1), `server: ${upset}`, "quiet ends"]
    : NEEDED[profile];
  return needed.filter((name) => !seen[name]);
}

export function addSituations(all: Situations, more: Situations): Situations {
  const sum = { ...all };
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Counts what arose, by what was sent and answered alone. */
export function situationsOf(history: History): Situations {
  const seen: Situations = {};
  const count = (name: string, times = 1): void => {
    if (times > 0) seen[name] = (seen[name] ?? 0) + times;
  };
  const { operations, sockets, events } = history;
  const writes = operations.filter((one) => one.writes.length > 0);
  const answered = writes.filter(({ results }) => results);
  count("operations", operations.length);
  count("answered writes", answered.length);
  count("answered mutations", answered.filter(({ channel }) => channel === "mutation").length);
  count(
    "superseded writes",
    answered.filter(({ results }) => results!.some(({ outcome }) => outcome === "superseded")).length,
  );
  count(
    "refused writes",
    answered.filter(({ results }) => results!.some(({ outcome }) => outcome === "refused")).length,
  );
  count("expired tokens", writes.filter(({ why }) => why === "answered 401").length);
  count("lost answers", writes.filter(({ why }) => why?.startsWith("the answer was lost")).length);
  count("cut connections", writes.filter(({ why }) => why?.startsWith("the connection was cut")).length);
  for (const [channel, name] of [
    ["delta pull", "delta pulls"],
    ["full pull", "full pulls"],
    ["catch-up", "catch-ups"],
  ] as const) {
    const reads = operations.filter((one) => one.channel === channel && one.read);
    count(name, reads.length);
    if (channel !== "catch-up") count("pulls in pages", reads.filter(({ read }) => read!.pages > 1).length);
    const beside = reads.filter((one) =>
      writes.some((other) => other.user === one.user && overlap(one, other)),
    );
    count(channel === "catch-up" ? "catch-ups beside writes" : "pulls beside writes", beside.length);
  }
  countPairs(writes, count);
  count("events", sockets.flatMap(({ frames }) => frames).filter(({ rows }) => rows.length > 0).length);
  for (const { what } of events) {
    const name = EVENTS[what];
    if (name) count(name);
    else if (!what.endsWith(" done") && what !== "resume") count(`server: ${what}`);
  }
  count(
    "quiet ends",
    operations.filter((one) => one.final && one.read && one.channel === "full pull").length,
  );
  return seen;
}

const EVENTS: Record<string, string> = {
  "half-open": "half-open sockets",
  pause: "slow readers",
  reconnect: "reconnections",
};

function countPairs(writes: readonly Operation[], count: (name: string, times?: number) => void): void {
  const byEntity = new Map<string, { operation: Operation; key: string; at: number; deleted: boolean }[]>();
  const byRequest = new Map<string, Operation[]>();
  for (const operation of writes) {
    const { user, request, device } = operation;
    push(byRequest, `${user} ${device} ${request}`, operation);
    for (const { entity, stamp } of operation.writes) {
      const one = { operation, key: stampKey(stamp), at: stamp.updatedAt, deleted: stamp.deleted };
      push(byEntity, `${user} ${entity}`, one);
      if (stamp.deleted) count("deletions");
    }
  }
  for (const own of byEntity.values()) {
    const others = (one: (typeof own)[number]): typeof own => own.filter((other) => other.key !== one.key);
    count("equal times", own.filter((one) => others(one).some(({ at }) => at === one.at)).length);
    count(
      "writes after a deletion",
      own.filter((one) => !one.deleted && own.some(({ deleted, at }) => deleted && at < one.at)).length,
    );
    count(
      "writes of one entity at once",
      own.filter((one) =>
        others(one).some(
          ({ operation }) => operation.device !== one.operation.device && overlap(operation, one.operation),
        ),
      ).length,
    );
    count(
      "duplicates under another key",
      own.filter((one) =>
        own.some((other) => other.key === one.key && other.operation.request !== one.operation.request),
      ).length,
    );
  }
  for (const copies of byRequest.values()) {
    const sent = copies.filter(({ outcome }) => outcome !== "fail");
    const http = sent.filter(({ channel }) => channel !== "mutation");
    if (http.length > 1) count("replays");
    if (http.length < sent.length && http.length > 0) count("changes on both channels");
    // A server may refuse one of two copies at once with 409.
    const all = copies.filter(({ channel }) => channel !== "mutation");
    if (all.some((one, index) => all.slice(index + 1).some((other) => overlap(one, other))))
      count("copies at once");
  }
}

/** What was never answered says nothing of when it was. */
function overlap(a: Operation, b: Operation): boolean {
  if (a.ended === Number.POSITIVE_INFINITY || b.ended === Number.POSITIVE_INFINITY) return false;
  return a.began < b.ended && b.began < a.ended;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}
