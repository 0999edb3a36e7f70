import { explore } from "../explore.ts";
import type { Situation, Variant } from "../variant.ts";
import { outboxModel } from "./model.ts";
import type { OutboxFault, Setting } from "./state.ts";

const NOTHING = {
  writes: 0,
  deletions: 0,
  bad: 0,
  ticks: 0,
  setbacks: 0,
  rewinds: 0,
  crashes: 0,
  losses: 0,
  copies: 0,
  expiries: 0,
  restarts: 0,
};
const TWO: Setting = {
  entities: 1,
  offsets: [0, 0],
  skew: 1,
  fresh: [false, false],
  unstamped: false,
  left: NOTHING,
};
const LOSSY: Setting = { ...TWO, left: { ...NOTHING, writes: 2, deletions: 1, losses: 1 } };
const DELETING: Setting = { ...TWO, left: { ...NOTHING, writes: 1, deletions: 1, losses: 1, copies: 1 } };
const CRASHING: Setting = { ...TWO, left: { ...NOTHING, writes: 2, crashes: 1, copies: 1 } };
const SET_BACK: Setting = { ...TWO, offsets: [1, 1], left: { ...NOTHING, writes: 3, setbacks: 1 } };
const REFUSED: Setting = { ...TWO, left: { ...NOTHING, writes: 1, bad: 1, losses: 1, crashes: 1 } };
const SKEWED: Setting = { ...TWO, offsets: [2, 0], left: { ...NOTHING, writes: 2, ticks: 1, copies: 1 } };
const HASTY: Setting = { ...SKEWED, left: { ...NOTHING, writes: 2, ticks: 2 } };
const MIXED: Setting = {
  ...TWO,
  entities: 2,
  offsets: [2, 0],
  skew: 1,
  left: { ...NOTHING, writes: 2, setbacks: 1 },
};
const FRESH: Setting = {
  ...TWO,
  offsets: [0, 1],
  fresh: [true, false],
  left: { ...NOTHING, writes: 2, deletions: 1 },
};
const LATE_ACK: Setting = {
  ...FRESH,
  offsets: [0, 0],
  left: { ...NOTHING, writes: 1, deletions: 1, ticks: 1 },
};
const REWOUND: Setting = {
  ...TWO,
  now: 3,
  fresh: [true, false],
  left: { ...NOTHING, writes: 2, rewinds: 1 },
};
const APART: Setting = { ...TWO, entities: 2, left: { ...NOTHING, writes: 2 } };
const EXPIRED: Setting = { ...TWO, left: { ...NOTHING, writes: 2, losses: 1, expiries: 1 } };
const UNSTAMPED: Setting = {
  ...TWO,
  unstamped: true,
  left: { ...NOTHING, writes: 2, losses: 1, restarts: 1 },
};
const UNSTAMPED_EXPIRED: Setting = { ...UNSTAMPED, left: { ...NOTHING, writes: 1, losses: 1, expiries: 1 } };

const situation = (name: string, setting: Setting): Situation => ({
  name: `outbox: ${name}`,
  search: (limit) => explore(outboxModel(name, setting), limit),
});

export const outboxSituations: Situation[] = [
  situation("2 devices, 2 writes, a lost message", { ...TWO, left: { ...NOTHING, writes: 2, losses: 1 } }),
  situation("2 devices, a write and a deletion, a lost message, a late copy", DELETING),
  situation("2 devices, 2 writes, a crash and a late copy", CRASHING),
  situation("2 devices, 2 writes, a clock set back", { ...SET_BACK, left: { ...SET_BACK.left, writes: 2 } }),
  situation("2 devices, a write and one that is refused, a lost message, a crash", REFUSED),
  situation("2 devices, one 2 ticks fast where 1 is allowed, 2 writes, a late copy", SKEWED),
  situation("the same with 2 entities, and the clock set right", MIXED),
  situation(
    "a device that begins with a full pull, another whose clock is fast, 2 writes and a deletion",
    FRESH,
  ),
  situation("a device that begins with a full pull, a write, a deletion, time that passes", LATE_ACK),
  situation("a device that begins with a full pull, 2 writes, the server's clock set back", REWOUND),
  situation("2 devices, 2 entities, 2 writes", APART),
  situation("2 devices, 2 writes, a lost message, records that expire", EXPIRED),
  situation("2 deployed devices without stamps, 2 writes, a lost message, a restart", UNSTAMPED),
];

const given = ({ entities, offsets, skew, unstamped }: Setting): string => {
  const clock = (name: string, offset: number): string =>
    `the ${name}'s clock is ${offset === 0 ? "right" : `${offset} fast`}`;
  const clocks = `${clock("phone", offsets[0]!)}, ${clock("laptop", offsets[1]!)}, ${skew} is allowed`;
  return `given ${entities === 1 ? "one entity" : `${entities} entities`} that nobody has; ${unstamped ? "deployed devices, which do not stamp" : clocks}`;
};

const variant = (name: OutboxFault, breaks: string[], setting: Setting, story: string): Variant => ({
  name,
  breaks,
  story,
  given: given(setting),
  search: (limit) => explore(outboxModel(name, setting, name), limit),
});

export const outboxVariants: Variant[] = [
  variant("queue-cleared-before-the-ack", ["CLI-018"], LOSSY, "What was sent leaves the outbox."),
  variant(
    "outbox-in-memory",
    ["CLI-015"],
    CRASHING,
    "A write is shown as saved, and kept durably a moment later.",
  ),
  variant(
    "edit-joins-the-frozen-one",
    ["CLI-019"],
    LOSSY,
    "A later edit of an entity takes the place of the one in the outbox, also of one that was sent; the answer settles it.",
  ),
  variant(
    "any-body-gets-the-first-answer",
    ["IDEM-003", "CLI-019"],
    LOSSY,
    "A retry carries what the outbox holds by now under the old key, and the server looks at the key alone.",
  ),
  variant(
    "delete-cancels-the-create",
    ["CLI-021"],
    LOSSY,
    "A deletion of something that is not acknowledged removes it from the outbox, and sends nothing.",
  ),
  variant("stamp-by-the-clock-alone", ["CLI-002"], SET_BACK, "A write is stamped by the device's clock."),
  variant(
    "stamp-ignores-what-is-in-flight",
    ["CLI-002"],
    SET_BACK,
    "A write is stamped above what the server is known to hold, not above what is under way.",
  ),
  variant(
    "absence-is-not-seen",
    ["CLI-002"],
    { ...FRESH, left: { ...FRESH.left, setbacks: 1 } },
    "An entity that a full pull lacks leaves no trace of its having been looked for.",
  ),
  variant(
    "absence-outlives-the-clock",
    ["CLI-053"],
    { ...REWOUND, left: { ...REWOUND.left, writes: 1 } },
    "A write that is refused with `CLOCK_SKEW` goes on being stamped above the moment at which a full pull lacked its entity.",
  ),
  variant(
    "full-pull-without-later-deletions",
    ["PULL-007"],
    FRESH,
    "A full pull carries live entities and nothing else.",
  ),
  variant(
    "ack-wins",
    ["CLI-005"],
    LOSSY,
    "The answer to a push is applied as it comes: it is the server's word.",
  ),
  variant(
    "late-ack-passes-the-floor",
    ["CLI-013"],
    LATE_ACK,
    "After a full pull the answer to an own push is applied whatever its seq.",
  ),
  variant(
    "remote-change-drops-the-edit",
    ["CLI-024"],
    LOSSY,
    "A pulled item replaces whatever the device has of that entity, edits included.",
  ),
  variant(
    "second-request-before-the-first-answer",
    ["CLI-022"],
    HASTY,
    "A later edit of an entity is sent while an earlier one is under way.",
  ),
  variant("key-changed-on-retry", ["CLI-009"], SKEWED, "Each attempt has a key of its own."),
  variant("refusal-not-recorded", ["IDEM-013"], SKEWED, "Only answers without a refusal are recorded."),
  variant(
    "restamps-the-whole-request",
    ["CLI-004"],
    MIXED,
    "After `CLOCK_SKEW` everything in that request is stamped again.",
  ),
  variant(
    "dead-letter-dropped",
    ["CLI-029"],
    REFUSED,
    "What the server refuses for good is removed from the outbox.",
  ),
  variant("arrival-order-wins", ["ORD-001"], LOSSY, "The last write to arrive is stored."),
  variant("tie-kept-local", ["ORD-005"], LOSSY, "Of two writes with equal times each side keeps its own."),
  variant(
    "cursor-by-the-push",
    ["CLI-010", "PUSH-013"],
    APART,
    "The `syncToken` of a push is kept as the cursor.",
  ),
  variant(
    "record-after-the-answer",
    ["IDEM-012"],
    UNSTAMPED,
    "The idempotency record is a second transaction.",
  ),
  variant(
    "claim-not-kept",
    ["ORD-013"],
    UNSTAMPED_EXPIRED,
    "A write without a stamp is known by its key alone.",
  ),
  variant(
    "duplicate-counts-again",
    ["ORD-006"],
    EXPIRED,
    "A write whose stamp equals the stored one is stored again.",
  ),
  variant("stamped-on-receipt", ["ORD-009"], EXPIRED, "The server stamps each write when it comes."),
];

/** Minutes rather than seconds: for `npm run search`. */
export const outboxLong: Situation[] = [
  situation("2 devices, 2 writes, a deletion, a lost message and a late copy", {
    ...LOSSY,
    left: { ...LOSSY.left, copies: 1 },
  }),
  situation("2 devices, 2 writes and a deletion, a lost message", LOSSY),
  situation("2 devices, 3 writes, a clock set back", SET_BACK),
  situation("2 devices that begin with a full pull, one fast, 2 writes and a deletion", {
    ...FRESH,
    fresh: [true, true],
  }),
];
