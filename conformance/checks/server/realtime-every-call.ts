import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Meta } from "../../wire/shapes.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./realtime-every-call.mutants.ts";
import { demandAscending, demandNoHole, Log, tinyGoals } from "./realtime-log.ts";
import { CALLS } from "./realtime-table.ts";

/** One request's items: of every type, new, changed, or gone. */
interface Round {
  call: keyof typeof CALLS;
  what: string;
  items: (readonly [EntityType, JsonObject])[];
}

/** Every type of entity, new, changed and gone, by every call. */
function everyRound({ anItem, edited, aDeletion }: ServerContext): Round[] {
  return (["push", "batch"] as const).flatMap((call) => {
    const news = ENTITY_TYPES.map((entityType) => [entityType, anItem(entityType)] as const);
    const changed = news.map(([entityType, item]) => [entityType, edited(item)] as const);
    const gone = news.map(([entityType, item]) => [entityType, aDeletion(item)] as const);
    return [
      { call, what: `new, by ${call}`, items: news },
      { call, what: `changed, by ${call}`, items: changed },
      { call, what: `deleted, by ${call}`, items: gone },
    ];
  });
}

export const everyTypeByEveryCall = serverCheck({
  id: "RT-001/every-type-by-every-call",
  name: "what a push or batch writes is told as stored: every type, new, changed and deleted",
  brokenBy: [
    faulty.tellsNoDeletionsOfBatches,
    faulty.tellsNoDeletionsOfOtherTypes,
    faulty.tellsNewItemsOfBatchesOnly,
    faulty.tellsNoPreferences,
  ],
  async run(context) {
    const { device, newDevice, expect } = context;
    const listeners = [await newDevice().connect(), await newDevice().connect()];
    await listeners[0]!.catchUp();
    for (const { call, what, items } of everyRound(context)) {
      const results = await CALLS[call](device, items);
      for (const [entityType, sent] of items) {
        const result = results.find((one) => one.entityType === entityType);
        const { outcome, meta, item = sent } = result ?? expect.fail(`no result of a ${entityType}`);
        expect.equal(`outcome of a ${entityType}, ${what}`, outcome, "applied");
        for (const listener of listeners) {
          const told = await listener.hears(idOf(sent), (one) => one.meta.seq === meta?.seq);
          const stored = "deletedAt" in sent ? null : item;
          expect.equal(`${entityType}, ${what}, as told on ${listener.label}`, told.item, stored);
        }
      }
    }
  },
});

export const namedSocketOfEveryCall = serverCheck({
  id: "RT-002/every-type-by-every-call",
  name: "a socket that a push or batch names is told none of it: every type, new, changed and deleted",
  brokenBy: [
    faulty.tellsTheNamedOfBatches,
    faulty.tellsTheNamedOfDeletions,
    faulty.sparesTheNamedTheFirstOfMany,
  ],
  async run(context) {
    const { device, newDevice, expect } = context;
    const named = await device.connect();
    await named.catchUp();
    const other = await newDevice().connect();
    const headers = { "x-connection-id": named.connectionId };
    const rounds = everyRound(context);
    for (const { call, items } of rounds) {
      await CALLS[call](device, items, { headers });
      await other.fence();
    }
    await named.fence();
    expect.equal("what the named socket was told", named.told, []);
    // The twin: the other was told all of it.
    const seqs = new Set(other.told.map(({ meta }) => meta.seq));
    expect.equal("changes that the other was told", seqs.size, rounds.length * ENTITY_TYPES.length);
  },
});

export const mixedRequests = serverCheck({
  id: "RT-021/one-request-of-mixed-types",
  name: "the events of one push, batch or bulk message come in the order of the log, whatever types it mixes",
  brokenBy: [faulty.tellsBatchesByType, faulty.tellsDeletionsOfARequestFirst, faulty.tellsBulksByType],
  async run(context) {
    const { device, newDevice, expect, anItem, aDeletion } = context;
    const laptop = await newDevice().connect();
    await laptop.catchUp();
    const phone = await device.connect();
    const mixed = (): (readonly [EntityType, JsonObject])[] => {
      const types = ENTITY_TYPES.filter((type) => type !== "user_preferences").toReversed();
      // An order that is neither that of the types nor its reverse, with deletions in between.
      return [...types, ...types.slice(2), ...types].map((type, index) => {
        const item = anItem(type);
        return [type, index % 3 === 1 ? aDeletion(item) : item] as const;
      });
    };
    const requests = [mixed(), mixed(), mixed().filter(([type]) => type !== "repertoire_item")];
    await CALLS.push(device, requests[0]!);
    await CALLS.batch(device, requests[1]!);
    const lists = Map.groupBy(requests[2]!, ([type]) => type);
    const list = (type: EntityType) => (lists.get(type) ?? []).map(([, item]) => item);
    await phone.mutate("BULK_SYNC", {
      planTemplates: list("plan_template"),
      goals: list("goal"),
      planOccurrences: list("plan_occurrence"),
      entries: list("logbook_entry"),
      practicePlans: list("practice_plan"),
    });
    await laptop.fence();
    demandAscending(laptop.frames);
    for (const [, item] of requests.flat()) expect.event(laptop, idOf(item));
  },
});

export const largestRequests = serverCheck({
  id: "RT-001/as-many-as-one-request-may-have",
  name: "a push, batch or bulk message of as many items as there may be is told whole, before any number covers it",
  brokenBy: [
    faulty.tellsTheFirst250,
    faulty.tellsTheFirst250OfBatches,
    faulty.tellsTheFirst250OfBulks,
    faulty.tellsTheFirst100Deletions,
  ],
  async run(context) {
    const { device, newDevice, expect, limits, edited, aDeletion } = context;
    const laptop = await newDevice().connect();
    await laptop.catchUp();
    const phone = await device.connect();
    const count = Math.min(500, limits.maxItems);
    const goals: JsonObject[] = tinyGoals(context, count);
    const log = new Log();
    const told = async (
      what: string,
      results: readonly { outcome: string; meta?: Meta }[] = [],
    ): Promise<void> => {
      const applied = results.flatMap(({ outcome, meta }) => (outcome === "applied" && meta ? [meta] : []));
      expect.equal(`items that were applied, ${what}`, applied.length, count);
      log.changes.push(...applied);
      await laptop.fence();
      demandNoHole(laptop.frames, log);
      const heard = new Set(laptop.told.map(({ meta }) => meta.seq));
      const missing = applied.filter(({ seq }) => !heard.has(seq));
      expect.equal(`changes that were not told, ${what}`, missing.length, 0);
    };
    await told("new, by push", (await device.push({ goals })).body.results);
    const entities = goals.map((goal) => ({ id: idOf(goal), type: "goal" as const, data: edited(goal) }));
    await told("changed, by batch", (await device.batch(entities)).body.results);
    const changed = goals.map((goal) => edited(goal));
    const bulk = await phone.mutate("BULK_SYNC", { entries: [], goals: changed });
    await told("changed, by BULK_SYNC", bulk.results);
    const gone = goals.map((goal) => aDeletion(goal));
    await told("deleted, by push", (await device.push({ goals: gone })).body.results);
  },
});
