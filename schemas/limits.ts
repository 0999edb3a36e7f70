/** One limit that a server advertises in discovery. */
export interface Limit {
  readonly name: string;
  /** What one unit of the number is. */
  readonly unit:
    | "bytes"
    | "items"
    | "levels"
    | "ms"
    | "requests"
    | "requests/s"
    | "connections"
    | "messages"
    | "messages/s";
  /** The profile that the limit belongs to: absent where a server does not offer it. Default: `http`. */
  readonly profile?: "realtime";
  /** The least value a production server may advertise; a test deployment may go below. */
  readonly minimum?: number;
  /** The greatest value a server may advertise. */
  readonly maximum?: number;
  /** What holds where a server advertises nothing; absent: what `meaning` says. */
  readonly default?: number;
  /** Whether every server has this limit, by its own value or the default. */
  readonly required: boolean;
  /** What the reference server advertises unless told otherwise. */
  readonly reference: number;
  readonly meaning: string;
}

/** Every limit of the profiles `http` and `realtime`: the list is closed, the numbers are each server's. */
export const LIMITS = [
  {
    name: "maxBodyBytes",
    unit: "bytes",
    minimum: 1_048_576,
    default: 1_048_576,
    required: true,
    reference: 1_048_576,
    meaning: "Greatest size of a request body. A larger one is answered 413 BODY_TOO_LARGE.",
  },
  {
    name: "maxItems",
    unit: "items",
    minimum: 500,
    default: 500,
    required: true,
    reference: 500,
    meaning: "Most items in one push or batch, all members together. More are answered 413 TOO_MANY_ITEMS.",
  },
  {
    name: "maxItemBytes",
    unit: "bytes",
    minimum: 262_144,
    default: 262_144,
    required: true,
    reference: 262_144,
    meaning:
      "Greatest size of one item: UTF-8 bytes of its canonical JSON. A larger one is refused ITEM_TOO_LARGE.",
  },
  {
    name: "maxDepth",
    unit: "levels",
    minimum: 32,
    default: 32,
    required: true,
    reference: 64,
    meaning:
      "Deepest nesting of arrays and objects in a body or message. Deeper is answered INVALID_JSON, over HTTP with 400.",
  },
  {
    name: "maxPageSize",
    unit: "items",
    minimum: 1,
    default: 1_000,
    required: true,
    reference: 1_000,
    meaning: "Most items and deletions on one page of a pull. A larger `limit` is served as this one.",
  },
  {
    name: "idempotencyRetentionMs",
    unit: "ms",
    minimum: 86_400_000,
    default: 86_400_000,
    required: true,
    reference: 86_400_000,
    meaning: "How long the answer to an idempotency key is kept, at least, counted from the answer.",
  },
  {
    name: "clockSkewMs",
    unit: "ms",
    minimum: 300_000,
    default: 300_000,
    required: true,
    reference: 300_000,
    meaning: "How far a stamp may be ahead of the server's clock before it is refused CLOCK_SKEW.",
  },
  {
    name: "tokenLeewayMs",
    unit: "ms",
    minimum: 0,
    maximum: 60_000,
    default: 60_000,
    required: true,
    reference: 30_000,
    meaning: "How long after `exp`, and before `nbf`, a token still counts, for clocks that differ.",
  },
  {
    name: "deviceWindowMs",
    unit: "ms",
    minimum: 2_592_000_000,
    default: 2_592_000_000,
    required: true,
    reference: 2_592_000_000,
    meaning: "How long after its last request a device still counts in the status.",
  },
  {
    name: "legacyMaxBodyBytes",
    unit: "bytes",
    minimum: 1_048_576,
    required: true,
    reference: 4_194_304,
    meaning:
      "`maxBodyBytes` for peers that announce no protocol version. Default: as `maxBodyBytes`; never less.",
  },
  {
    name: "legacyMaxItems",
    unit: "items",
    minimum: 500,
    required: true,
    reference: 5_000,
    meaning: "`maxItems` for peers that announce no protocol version. Default: as `maxItems`; never less.",
  },
  {
    name: "requestBurst",
    unit: "requests",
    minimum: 1,
    required: false,
    reference: 600,
    meaning:
      "Requests that a user may send at once before 429 RATE_LIMITED. Absent: the server limits no rate.",
  },
  {
    name: "requestsPerSecond",
    unit: "requests/s",
    minimum: 1,
    required: false,
    reference: 50,
    meaning: "How fast the burst refills. Present exactly when `requestBurst` is.",
  },
  {
    name: "maxMessageBytes",
    unit: "bytes",
    profile: "realtime",
    minimum: 524_288,
    default: 524_288,
    required: true,
    reference: 524_288,
    meaning:
      "Greatest size of one message from a client, as UTF-8. A longer one closes the socket with 1009. At least 4 096 above `maxItemBytes`, so that a message of one item fits.",
  },
  {
    name: "idleTimeoutMs",
    unit: "ms",
    profile: "realtime",
    minimum: 600_000,
    default: 600_000,
    required: true,
    reference: 600_000,
    meaning: "How long a client may send nothing before its socket is closed with 4408.",
  },
  {
    name: "maxConnections",
    unit: "connections",
    profile: "realtime",
    minimum: 32,
    default: 32,
    required: true,
    reference: 32,
    meaning:
      "Live sockets of one user. One more is refused with 429 before the upgrade, or closed with 4429.",
  },
  {
    name: "messageBurst",
    unit: "messages",
    profile: "realtime",
    minimum: 250,
    required: false,
    reference: 500,
    meaning:
      "Messages that a client may send on a socket at once, without the server slowing down or closing with 4429. Absent: the server limits no rate of messages.",
  },
  {
    name: "messagesPerSecond",
    unit: "messages/s",
    profile: "realtime",
    minimum: 1,
    required: false,
    reference: 100,
    meaning: "How fast the burst of messages refills. Present exactly when `messageBurst` is.",
  },
] as const satisfies readonly Limit[];

type Entry = (typeof LIMITS)[number];

/** The name of a limit. */
export type LimitName = Entry["name"];

/** What holds at a server: a number for each limit, in the unit of {@link LIMITS}. */
export type Limits = { [E in Extract<Entry, { required: true }> as E["name"]]: number } & {
  [E in Extract<Entry, { required: false }> as E["name"]]?: number;
};

/** The names of all limits, in the order of {@link LIMITS}. */
export const LIMIT_NAMES = LIMITS.map((limit) => limit.name) as readonly LimitName[];

/** The limits that the reference server advertises unless told otherwise. */
export const REFERENCE_LIMITS: Readonly<Required<Limits>> = Object.freeze(
  Object.fromEntries(LIMITS.map((limit) => [limit.name, limit.reference])),
) as Required<Limits>;

/** The limits that hold at a server which advertises `advertised`, defaults included. */
export function effectiveLimits(advertised: Partial<Limits> = {}): Limits {
  const known = Object.fromEntries(
    (LIMITS as readonly Limit[])
      .filter((limit) => limit.default !== undefined)
      .map((limit) => [limit.name, limit.default]),
  ) as Partial<Limits>;
  const limits = { ...known, ...advertised } as Limits;
  limits.legacyMaxBodyBytes ??= limits.maxBodyBytes;
  limits.legacyMaxItems ??= limits.maxItems;
  return limits;
}
