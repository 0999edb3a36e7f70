import type { Counted } from "./count.ts";
import type { Counts } from "./counts.ts";
import { ASSUMED, PLATFORM, PRICES, SIZES, USAGE } from "./inputs.ts";

/** What is on the bill. */
export type Priced = Exclude<keyof typeof PRICES, "asOf" | "sources" | "subscription">;

/** What one user uses in a month, and how that was worked out. */
export interface Use {
  quantity: number;
  formula: string;
}

export interface Line {
  what: Priced;
  unit: string;
  quantity: number;
  dollars: number;
}

export interface Demand {
  says: string;
  quantity: number;
  limit: number;
  /** What is done beyond the limit. */
  remedy: string;
}

export interface Bill {
  users: number;
  lines: Line[];
  dollars: number;
  demands: Demand[];
}

/** Everything that the page shows. */
export interface CostResult {
  schemaVersion: "1.0";
  counted: Counted;
  prices: typeof PRICES;
  platform: typeof PLATFORM;
  usage: typeof USAGE;
  assumed: typeof ASSUMED;
  perUser: Record<Priced, Use>;
  bills: Bill[];
}

interface Done {
  name: string;
  times: number;
  counts: Counts;
}

const DAY_S = 86_400;
const GB = 1e9;

/** What a user does in a month, with what each of it asks of the platform. */
function monthOf({ operations, wakesPerIdleHour }: Counted): Done[] {
  const days = USAGE.daysPerMonth.value;
  const sessions = USAGE.sessionsPerDay.value * days;
  const { push1, push50, pullNothing, pull10, openSocket, catchUpNothing, mutation } = operations;
  // Rows grow with the items, the rest does not.
  const part = (name: keyof Counts, less: Counts, more: Counts, by: number): number =>
    less[name] + (more[name] - less[name]) * by;
  const between = (less: Counts, more: Counts, by: number): Counts =>
    Object.fromEntries(
      (Object.keys(less) as (keyof Counts)[]).map((name) => [name, part(name, less, more, by)]),
    ) as unknown as Counts;
  const push = between(push1, push50, (USAGE.itemsPerPush.value - 1) / 49);
  const pull = between(pullNothing, pull10, USAGE.changesPulledPerSession.value / 10);
  const idleHours = (sessions * USAGE.minutesPerSession.value) / 60;
  const alarm = { ...zeroOf(push1), alarms: 1, objectRowsWritten: 1, objectRowsRead: 1 };
  return [
    { name: "pull", times: sessions, counts: pull },
    { name: "socket", times: sessions, counts: openSocket },
    { name: "catch-up", times: sessions, counts: catchUpNothing },
    { name: "push", times: USAGE.pushesPerDay.value * days, counts: push },
    { name: "mutation", times: USAGE.mutationsPerDay.value * days, counts: mutation },
    { name: "alarm", times: idleHours * wakesPerIdleHour, counts: alarm },
  ];
}

function zeroOf(counts: Counts): Counts {
  return Object.fromEntries(Object.keys(counts).map((name) => [name, 0])) as unknown as Counts;
}

/** Quantities of one user and month, with their formulas. */
export function perUser(counted: Counted): Record<Priced, Use> {
  const month = monthOf(counted);
  const sum = (name: keyof Counts): Use => {
    const used = month.filter(({ counts }) => counts[name] > 0);
    return {
      quantity: used.reduce((total, { times, counts }) => total + times * counts[name], 0),
      formula: used
        .map(({ name: what, times, counts }) => `${round(times)} ${what} × ${round(counts[name])}`)
        .join(" + "),
    };
  };
  const requests = sum("objectRequests");
  const messages = sum("messagesIn");
  const alarms = sum("alarms");
  const { messagesPerRequest, objectMemoryGb } = PLATFORM;
  const active = month.map((each) => ({
    ...each,
    ms: ASSUMED.objectMs.value + each.counts.d1Calls * ASSUMED.d1CallMs.value,
  }));
  const { entities, pushesPerDay } = USAGE;
  const retainedDays = 1;
  return {
    workerRequests: sum("workerRequests"),
    workerCpuMs: {
      quantity: sum("workerRequests").quantity * ASSUMED.workerCpuMs.value,
      formula: `${round(sum("workerRequests").quantity)} requests × ${ASSUMED.workerCpuMs.value} ms`,
    },
    objectRequests: {
      quantity: requests.quantity + messages.quantity / messagesPerRequest + alarms.quantity,
      formula: `${requests.formula} + (${messages.formula}) / ${messagesPerRequest} + ${alarms.formula}`,
    },
    objectGbSeconds: {
      quantity: active.reduce((total, { times, ms }) => total + (times * ms * objectMemoryGb) / 1000, 0),
      formula: `${objectMemoryGb} GB × (${active.map(({ name, times, ms }) => `${round(times)} ${name} × ${ms} ms`).join(" + ")})`,
    },
    objectRowsRead: sum("objectRowsRead"),
    objectRowsWritten: sum("objectRowsWritten"),
    objectStorageGb: { quantity: ASSUMED.objectGb.value, formula: ASSUMED.objectGb.says },
    d1RowsRead: sum("d1RowsRead"),
    d1RowsWritten: sum("d1RowsWritten"),
    d1StorageGb: {
      quantity:
        (entities.value * counted.bytesPerEntity +
          pushesPerDay.value * retainedDays * counted.bytesPerRecord) /
        GB,
      formula: `${entities.value} entities × ${round(counted.bytesPerEntity)} bytes + ${pushesPerDay.value} records of a day × ${round(counted.bytesPerRecord)} bytes`,
    },
  };
}

/** The bill of so many users, and what they ask of the platform's limits. */
export function billOf(users: number, use: Record<Priced, Use>, counted: Counted): Bill {
  const lines = (Object.keys(use) as Priced[]).map((what): Line => {
    const { unit, included, per, dollars } = PRICES[what];
    const quantity = use[what].quantity * users;
    return { what, unit, quantity, dollars: (Math.max(0, quantity - included) / per) * dollars };
  });
  const dollars = lines.reduce<number>((total, line) => total + line.dollars, PRICES.subscription);
  return { users, lines, dollars, demands: demandsOf(users, use, counted) };
}

/** By how much of its limit each takes, the tightest first. */
function demandsOf(users: number, use: Record<Priced, Use>, counted: Counted): Demand[] {
  const gb = use.d1StorageGb.quantity * users;
  const calls = monthOf(counted).reduce((total, { times, counts }) => total + times * counts.d1Calls, 0);
  const peakCalls = ((calls * users) / (USAGE.daysPerMonth.value * DAY_S)) * USAGE.peak.value;
  const shard = "several databases: the user's object picks one by a hash of the user, once and for all";
  const all: Demand[] = [
    { says: "GB in one D1 database", quantity: gb, limit: PLATFORM.d1DatabaseGb, remedy: shard },
    {
      says: "calls a second of one D1 database in the busiest minute",
      quantity: peakCalls,
      limit: 1000 / ASSUMED.d1BusyMs.value,
      remedy: shard,
    },
    {
      says: "GB of D1 in one account",
      quantity: gb,
      limit: PLATFORM.d1AccountGb,
      remedy:
        "Cloudflare raises it on request; or each user's data in the SQLite of the user's own object, behind the same storage port",
    },
    {
      says: "D1 databases that one Worker can be bound to",
      quantity: Math.max(
        Math.ceil(gb / PLATFORM.d1DatabaseGb),
        Math.ceil((peakCalls * ASSUMED.d1BusyMs.value) / 1000),
      ),
      limit: PLATFORM.d1Bindings,
      remedy: "several Workers, a range of users each",
    },
    {
      says: "requests a second of one user's object, a device that is as busy as the rate limit lets it",
      quantity: 50,
      limit: PLATFORM.objectRequestsPerSecond,
      remedy: "nothing: each user has an object of their own, so more users are more objects",
    },
  ];
  return all.sort((a, b) => b.quantity / b.limit - a.quantity / a.limit);
}

export function costOf(counted: Counted): CostResult {
  const use = perUser(counted);
  return {
    schemaVersion: "1.0",
    counted,
    prices: PRICES,
    platform: PLATFORM,
    usage: USAGE,
    assumed: ASSUMED,
    perUser: use,
    bills: SIZES.map((users) => billOf(users, use, counted)),
  };
}

export function round(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
