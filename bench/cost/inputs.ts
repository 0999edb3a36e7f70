/*
 * What the cost page is worked out from, besides what was counted. Edit here, then npm run bench:cost.
 */

/** Cloudflare's list prices on the plan Workers Paid, US dollars a month, as its documentation had them on the day given. */
export const PRICES = {
  asOf: "2026-11-21",
  sources: [
    "https://developers.cloudflare.com/workers/platform/pricing/",
    "https://developers.cloudflare.com/durable-objects/platform/pricing/",
    "https://developers.cloudflare.com/d1/platform/pricing/",
    "https://developers.cloudflare.com/d1/platform/limits/",
    "https://developers.cloudflare.com/durable-objects/platform/limits/",
  ],
  subscription: 5,
  /** `per` of them cost `dollars`, beyond what is included. */
  workerRequests: { unit: "requests", included: 10e6, per: 1e6, dollars: 0.3 },
  workerCpuMs: { unit: "CPU ms", included: 30e6, per: 1e6, dollars: 0.02 },
  objectRequests: { unit: "requests", included: 1e6, per: 1e6, dollars: 0.15 },
  objectGbSeconds: { unit: "GB-s", included: 400e3, per: 1e6, dollars: 12.5 },
  objectRowsRead: { unit: "rows", included: 25e9, per: 1e6, dollars: 0.001 },
  objectRowsWritten: { unit: "rows", included: 50e6, per: 1e6, dollars: 1 },
  objectStorageGb: { unit: "GB", included: 5, per: 1, dollars: 0.2 },
  d1RowsRead: { unit: "rows", included: 25e9, per: 1e6, dollars: 0.001 },
  d1RowsWritten: { unit: "rows", included: 50e6, per: 1e6, dollars: 1 },
  d1StorageGb: { unit: "GB", included: 5, per: 1, dollars: 0.75 },
} as const;

/** Of the platform, as documented on the same day. */
export const PLATFORM = {
  /** Messages that come in on sockets and count as one request; what is answered without waking the object is free. */
  messagesPerRequest: 20,
  objectMemoryGb: 0.128,
  d1DatabaseGb: 10,
  d1AccountGb: 1_000,
  d1Databases: 50_000,
  /** Databases that one Worker can be bound to, about. */
  d1Bindings: 5_000,
  objectRequestsPerSecond: 1_000,
} as const;

/** How a user of an ordinary month behaves. */
export const USAGE = {
  sessionsPerDay: { value: 1.5, says: "sessions a day, over all devices" },
  minutesPerSession: { value: 20, says: "minutes that one lasts, its socket open" },
  pushesPerDay: { value: 3, says: "flushes of the outbox by HTTP a day" },
  itemsPerPush: { value: 2, says: "items in one" },
  mutationsPerDay: { value: 2, says: "changes sent on a socket a day" },
  changesPulledPerSession: { value: 10, says: "changes of the other device pulled when a session begins" },
  entities: { value: 3_000, says: "entities that a user keeps, after some years" },
  daysPerMonth: { value: 30, says: "days a month" },
  peak: { value: 5, says: "times the mean, in the busiest minute" },
} as const;

/** What can't be counted here, because it is Cloudflare's network and machines that decide it. To be replaced by what a deployment's dashboard says. */
export const ASSUMED = {
  workerCpuMs: { value: 2, says: "CPU ms of a request in the Worker: token, routing" },
  d1CallMs: { value: 15, says: "ms of one call of D1 from the object, while which the object is active" },
  objectMs: { value: 5, says: "ms that the object itself is at work on a request or message" },
  d1BusyMs: { value: 1.5, says: "ms that one call keeps a database busy, which does one thing at a time" },
  objectGb: {
    value: 16e-6,
    says: "GB that a user's object takes by itself: an empty SQLite with one record",
  },
} as const;

export const SIZES = [1_000, 100_000, 10_000_000] as const;
