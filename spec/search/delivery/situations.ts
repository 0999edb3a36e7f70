import { explore } from "../explore.ts";
import type { Situation, Variant } from "../variant.ts";
import { deliveryModel } from "./model.ts";
import type { DeliveryFault, Setting } from "./state.ts";

const NOTHING = { writes: 0, deletions: 0, own: 0, cuts: 0, crashes: 0, restarts: 0 };
const PHONE = { entities: 2, deployed: false };
const BUSY: Setting = { ...PHONE, stored: 1, left: { ...NOTHING, writes: 1, deletions: 1, own: 1, cuts: 1 } };
const DEPLOYED: Setting = { ...BUSY, deployed: true };
const BUSIER: Setting = { ...BUSY, left: { ...BUSY.left, writes: 2 } };
const CROWDED: Setting = { ...PHONE, stored: 1, left: { ...NOTHING, writes: 3 } };
const FULL_CHUNKS: Setting = {
  ...PHONE,
  entities: 3,
  stored: 3,
  left: { ...NOTHING, writes: 1, deletions: 1, cuts: 1 },
};
const UNSTEADY: Setting = {
  ...PHONE,
  stored: 0,
  left: { ...NOTHING, writes: 2, own: 1, crashes: 1, restarts: 1 },
};
const CRASHED: Setting = { ...PHONE, stored: 1, left: { ...NOTHING, writes: 1, crashes: 1 } };

const situation = (name: string, setting: Setting): Situation => ({
  name: `delivery: ${name}`,
  search: (limit) => explore(deliveryModel(name, setting), limit),
});

export const deliverySituations: Situation[] = [
  situation("2 entities, a write and a deletion of others, an own write, a cut", BUSY),
  situation("the same with a deployed client, which takes any lastSeq", DEPLOYED),
  situation("2 entities, 3 writes of others", CROWDED),
  situation("3 entities in two chunks, a write and a deletion meanwhile, a cut", FULL_CHUNKS),
  situation("2 writes of others, an own one, a crash of the client and a restart of the server", UNSTEADY),
];

/** Minutes rather than seconds: for `npm run search`. */
export const deliveryLong: Situation[] = [
  situation("2 entities, 2 writes and a deletion of others, an own write, a cut", BUSIER),
  situation("the same with a deployed client", { ...BUSIER, deployed: true }),
];

const given = ({ entities, stored, deployed }: Setting): string =>
  `given ${entities} entities, of which the server has ${stored === 0 ? "none" : stored === 1 ? "e1" : `e1 to e${stored}`}; the phone, a${deployed ? " deployed" : "n announced"} client, has nothing`;

const variant = (name: DeliveryFault, breaks: string[], setting: Setting, story: string): Variant => ({
  name,
  breaks,
  story,
  given: given(setting),
  search: (limit) => explore(deliveryModel(name, setting, name), limit),
});

export const deliveryVariants: Variant[] = [
  variant(
    "cursor-by-the-ack",
    ["CLI-010"],
    BUSY,
    "A client takes the seq of its own acknowledged change for its cursor.",
  ),
  variant(
    "cursor-by-meta",
    ["CLI-038"],
    BUSY,
    "A client takes the seq of any live event for its cursor, also before its catch-up has ended.",
  ),
  variant(
    "cursor-apart-from-rows",
    ["CLI-010"],
    CRASHED,
    "A client keeps the cursor first, and the rows that it covers in another transaction.",
  ),
  variant(
    "ack-carries-its-own-seq",
    ["RT-022", "RT-024"],
    DEPLOYED,
    "`lastSeq` of an acknowledgement is the seq of the change, and a deployed client takes it.",
  ),
  variant(
    "welcome-carries-the-head",
    ["RT-005"],
    DEPLOYED,
    "`WELCOME` tells the head in `lastSeq`, and a deployed client takes it.",
  ),
  variant(
    "events-before-catch-up-carry-seq",
    ["RT-023"],
    DEPLOYED,
    "Live events carry their seq from the first moment of a socket.",
  ),
  variant(
    "events-amid-catch-up",
    ["RT-022", "RT-029"],
    DEPLOYED,
    "Live events go out at once, also between the chunks of a catch-up.",
  ),
  variant(
    "chunk-carries-the-head",
    ["RT-027"],
    FULL_CHUNKS,
    "Each chunk carries the head as its `lastSeq`: the watermark is moved before the rest is told.",
  ),
  variant("deletions-after-their-chunk", ["RT-028"], BUSY, "The deletions of a chunk are sent after it."),
  variant("deletions-left-out", ["RT-026"], BUSY, "Catch-up reads the live entities."),
  variant(
    "catch-up-before-subscribing",
    ["RT-026", "RT-029"],
    CROWDED,
    "The server reads the log to its end, says so, and only then subscribes the socket to live events.",
  ),
  variant(
    "events-out-of-order",
    ["RT-021"],
    CROWDED,
    "Each write tells the sockets from its own task; two tasks overtake each other.",
  ),
  variant(
    "told-before-stored",
    ["RT-012"],
    UNSTEADY,
    "Other sockets are told at once, while the database is still writing.",
  ),
  variant(
    "numbered-before-stored",
    ["ORD-022"],
    CROWDED,
    "A write takes its number from a counter and is stored later, so that a greater number can be visible first.",
  ),
  variant(
    "watermark-lost-at-restart",
    ["RT-025"],
    UNSTEADY,
    "After a restart a socket that stayed open goes on at the head.",
  ),
  variant(
    "deaf-after-restart",
    ["RT-040"],
    UNSTEADY,
    "What waits to be sent is kept in memory, and the sockets outlive a restart.",
  ),
];
