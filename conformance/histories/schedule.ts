import { UsageError } from "../run/select.ts";

/** Who does it: the user's number and the number of the device among that user's, both from 0. */
export type By = readonly [user: number, device: number];

/** A change to make: `write` is unique in its schedule and makes the value, `at` is its stamp in ms after the history's base. */
export interface Planned {
  write: number;
  /** The entity's number: it decides the type. */
  entity: number;
  at: number;
  deleted?: true;
  /** In a batch: the version last seen is sent along. */
  conditional?: true;
}

/**
 * What becomes of a request on its way:
 * - `lost`: the server's answer came, and is lost
 * - `cut`: the connection ends between request and answer
 * - `twice`: the same bytes go out twice at once
 * - `expired`: it goes out with a token that has expired
 */
export const FATES = ["lost", "cut", "twice", "expired"] as const;
export type Fate = (typeof FATES)[number];

/** What the operator's control does to the server. */
export const UPSETS = ["kill", "restart", "evict", "fail-next-write"] as const;
/** What befalls sockets and servers; a token ends on a live socket without anybody's control. */
export type Upset = (typeof UPSETS)[number] | "token-end";

export type Step =
  | { do: "push" | "batch"; by: By; request: number; items: Planned[]; fate?: Fate }
  /** The same key and body once more. Of a mutation: HTTP carries the same change. */
  | { do: "again"; by: By; request: number; fate?: Fate }
  | { do: "pull"; by: By; how: "full" | "delta"; limit?: number }
  /** Opens a socket and catches up; `leaving`: the old one stays open, and its client goes silent; `passing`: its token ends soon. */
  | { do: "connect"; by: By; from: "start" | "cursor"; leaving?: true; passing?: true }
  | { do: "mutate"; by: By; request: number; items: Planned[]; fate?: "lost" | "cut" }
  | { do: "catch-up"; by: By; from: "start" | "cursor" }
  | { do: "pause" | "resume"; by: By }
  | { do: Upset; by: By };

/** A history to be played: groups one after another, the steps of a group at once, those of one device in their order. */
export interface Schedule {
  format: "mirubato-sync schedule 1";
  profile: "http" | "realtime";
  users: number;
  devices: number;
  groups: Step[][];
  /** What a saved one is about. */
  about?: { check: string; seed: string; property: string; violation: string };
}

export function stepsOf(schedule: Schedule): Step[] {
  return schedule.groups.flat();
}

const WORDS: ReadonlySet<string> = new Set<string>(
  (
    [
      "push",
      "batch",
      "again",
      "pull",
      "connect",
      "mutate",
      "catch-up",
      "pause",
      "resume",
      "token-end",
    ] as string[]
  ).concat(UPSETS),
);

/** @throws UsageError naming the member of the file that is not as it must be */
export function readSchedule(text: string, file: string): Schedule {
  const wrong = (what: string): never => {
    throw new UsageError(`${file} is no schedule of a history: ${what}`);
  };
  let value: Partial<Schedule>;
  try {
    value = JSON.parse(text) as Partial<Schedule>;
  } catch (error) {
    return wrong((error as Error).message);
  }
  if (value?.format !== "mirubato-sync schedule 1") wrong(`"format" must be "mirubato-sync schedule 1"`);
  if (value.profile !== "http" && value.profile !== "realtime")
    wrong(`"profile" must be "http" or "realtime"`);
  for (const name of ["users", "devices"] as const) {
    const count = value[name];
    if (!Number.isInteger(count) || count! < 1 || count! > 20)
      wrong(`"${name}" must be a whole number, 1 to 20`);
  }
  if (!Array.isArray(value.groups) || !value.groups.every(Array.isArray))
    wrong(`"groups" must be a list of lists of steps`);
  for (const [g, group] of value.groups!.entries()) {
    for (const [s, step] of group.entries()) {
      const why = flawOf(step, value as Schedule);
      if (why !== undefined) wrong(`/groups/${g}/${s} ${why}`);
    }
  }
  return value as Schedule;
}

function flawOf(step: Step, { users, devices }: Schedule): string | undefined {
  if (typeof step !== "object" || step === null || !WORDS.has(step.do)) return `has no "do" that is known`;
  const [user, device] = Array.isArray(step.by) ? step.by : [];
  const within = (n: unknown, most: number): boolean =>
    Number.isInteger(n) && (n as number) >= 0 && (n as number) < most;
  if (!within(user, users) || !within(device, devices)) return `must name user and device in "by", from 0`;
  if ("request" in step && !Number.isInteger(step.request)) return `must have a number in "request"`;
  if (["push", "batch", "mutate"].includes(step.do)) {
    const { items, request } = step as { items: Planned[]; request: unknown };
    const good = ({ write, entity, at }: Planned): boolean =>
      [write, entity, at].every(Number.isInteger) && entity >= 0;
    if (!Number.isInteger(request)) return `must have a number in "request"`;
    if (!Array.isArray(items) || items.length === 0 || !items.every((item) => item && good(item)))
      return `must have "items", each with whole numbers for write, entity and at`;
  }
  return undefined;
}
