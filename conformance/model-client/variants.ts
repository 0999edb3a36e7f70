import type { JsonObject } from "../../schemas/json.ts";
import type { Freedom } from "../model/variant.ts";
import type { ClientBehaviour } from "./behaviour.ts";
import { resume } from "./conduct.ts";
import { entityKey } from "./store.ts";
import type { Store } from "./store.ts";

/** A client that conforms, and does wherever it may what the model client does not: no check may find anything wrong with it. */
export interface ClientVariant {
  /** Unique, kebab-case: what distinguishes it. */
  readonly name: string;
  /** What kind of real client is like that, in one sentence. */
  readonly story: string;
  readonly uses: readonly Freedom[];
  /** Its behaviour. Pure, as that of mutants. */
  readonly deform: (conforming: ClientBehaviour) => ClientBehaviour;
  /** Whether the user's writes go over the socket, too. */
  readonly socketMutations?: boolean;
  /** Whether edits of what the server has go by batch, with a precondition. */
  readonly sendsBatches?: boolean;
}

const asItIs = (conforming: ClientBehaviour): ClientBehaviour => conforming;

/** Whether the server may have heard of an entity. */
const isKnown = ({ known, rows }: Store, key: string): boolean => known.has(key) || rows.has(key);

export const CLIENT_VARIANTS: readonly ClientVariant[] = [
  {
    name: "over-sockets",
    story: "A desktop app that is always online sends each write over the socket that it listens on.",
    uses: [{ freedom: "a socket may carry a write, too", of: ["CLI-027"] }],
    deform: asItIs,
    socketMutations: true,
  },
  {
    name: "by-batches",
    story: "An app that asks its users about conflicts says with each edit which version it was made on.",
    uses: [{ freedom: "an edit may have a precondition", of: ["BATCH-002", "CLI-023", "CLI-031"] }],
    deform: asItIs,
    sendsBatches: true,
  },
  {
    name: "few-at-a-time",
    story: "A watch with little memory sends few items a request, and fetches few entities a page.",
    uses: [
      { freedom: "how many items a push has, up to 50", of: ["CLI-026"] },
      { freedom: "how many entities a page has", of: ["PULL-009"] },
    ],
    deform: (conforming) => ({ ...conforming, batchSize: () => 3, pageSize: () => 2 }),
  },
  {
    name: "hasty",
    story:
      "A web app on a good line has nothing to save: it sends at once what it has, asks often, and gives up soon.",
    uses: [
      { freedom: "within their bounds, when writes go out", of: ["CLI-026", "CLI-027"] },
      { freedom: "more polls and PINGs than there have to be", of: ["CLI-039", "CLI-040"] },
      { freedom: "requests at once, of different entities", of: ["CLI-022"] },
      { freedom: "a client that has slept may learn of it", of: ["CLI-054"] },
      { freedom: "how long a request may take before it counts as lost", of: ["CLI-009"] },
    ],
    deform: (conforming) => ({
      ...conforming,
      batchSize: () => 50,
      pushesAtOnce: () => 3,
      flushWithinMs: () => 0,
      holdMs: () => 0,
      ackWithinMs: () => 2_000,
      requestTimeoutMs: () => 15_000,
      pollMs: () => 5_000,
      silenceMs: () => 4_000,
      woke: (context) => resume(context, "online"),
    }),
  },
  {
    name: "unhurried",
    story:
      "A phone that spares its battery sends as late as it may, pulls in one piece, and forgets what never left it.",
    uses: [
      { freedom: "within their bounds, when writes go out", of: ["CLI-026"] },
      { freedom: "a pull without a limit", of: ["PULL-013"] },
      { freedom: "a create that was never sent and its deletion may cancel each other", of: ["CLI-021"] },
      { freedom: "what was edited again before it was sent keeps its place", of: ["CLI-022"] },
      { freedom: "how long a request may take before it counts as lost", of: ["CLI-009"] },
    ],
    deform: (conforming) => ({
      ...conforming,
      flushWithinMs: (_context, { type }) => (type === "logbook_entry" ? 90 : 29_000),
      requestTimeoutMs: () => 60_000,
      pullBody: (_context, since): JsonObject => (since === undefined ? {} : { since }),
      cancels: ({ store }, waiting, { type, id }) =>
        waiting.length > 0 && waiting.every(({ sent }) => !sent) && !isKnown(store, entityKey(type, id)),
      enqueue(context, change) {
        const { behaviour, store } = context;
        const before = behaviour
          .outbox(context)
          .find(({ type, id, sent }) => !sent && type === change.type && id === change.id);
        const queued = conforming.enqueue(context, change);
        if (before === undefined || !store.changes.delete(String(change.n))) return queued;
        store.changes.set(String(before.n), { ...change, n: before.n });
        return queued;
      },
    }),
  },
];
