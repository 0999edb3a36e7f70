import { COLLECTIONS, MEMBERS } from "../../../schemas/collections.ts";
import { variant } from "../variant.ts";

const unlimited: object = {
  requestBurst: undefined,
  requestsPerSecond: undefined,
  messageBurst: undefined,
  messagesPerSecond: undefined,
};

export const verbose = variant({
  name: "verbose",
  story: "A server that would rather say a thing twice, on hardware that has no need of narrow limits.",
  uses: [
    { freedom: "the stored item in every result, null with an applied deletion", of: ["ORD-019", "RT-013"] },
    { freedom: "a full pull tells every deletion", of: ["PULL-007"] },
    { freedom: "events are told more than once", of: ["RT-021"] },
    {
      freedom: "generous limits, limits that nobody knows, no limit of rates",
      of: ["DISC-003", "LIM-001", "LIM-006", "RT-045"],
    },
    { freedom: "more versions and profiles than are known", of: ["DISC-002", "DISC-004"] },
    { freedom: "an empty list of occurrences is acknowledged as one entity", of: ["RT-013"] },
  ],
  options: {
    limits: {
      maxBodyBytes: 3_000_000,
      maxItems: 2_000,
      maxItemBytes: 600_000,
      maxDepth: 100,
      maxPageSize: 100_000,
      idempotencyRetentionMs: 30 * 86_400_000,
      clockSkewMs: 900_000,
      tokenLeewayMs: 60_000,
      legacyMaxBodyBytes: 6_000_000,
      legacyMaxItems: 3_000,
      maxMessageBytes: 2_000_000,
      idleTimeoutMs: 3_600_000,
      maxConnections: 60,
      ...unlimited,
    },
  },
  deform: (conforming) => ({
    ...conforming,
    resultItem: (context, judgement) =>
      judgement.row === undefined ? undefined : context.behaviour.tellItem(context, judgement.row),
    tellsDeletion: () => true,
    sendEvent: (context, connection, rows) => {
      conforming.sendEvent(context, connection, rows);
      conforming.sendEvent(context, connection, rows);
    },
    tellsResults: (context) => {
      const occurrences = context.message?.["occurrences"];
      return conforming.tellsResults(context) && !(Array.isArray(occurrences) && occurrences.length === 0);
    },
    versions: () => ["1", "2", "2026-03"],
    advertisedLimits: (context) => ({ ...conforming.advertisedLimits(context), maxAttachments: 7 }),
    discoveryAnswer: (context) => {
      const document = conforming.discoveryAnswer(context);
      return { ...document, profiles: [...(document["profiles"] as string[]), "sharing", "x-scores"] };
    },
    bulkFrame: (context, rows) => {
      const frame = conforming.bulkFrame(context, rows);
      if (frame["type"] !== "BULK_SYNC") return frame;
      const members = MEMBERS.filter((member) => COLLECTIONS[member] !== "repertoire_item");
      const none = Object.fromEntries(members.map((member) => [member, []]));
      return { ...none, ...frame, meta: { ...none, ...(frame["meta"] as object) } };
    },
  }),
});
