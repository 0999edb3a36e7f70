import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import type { Message } from "../../wire/messages.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./realtime-every-version.mutants.ts";
import { stored } from "./realtime-shared.ts";
import { CALLS, ofOne } from "./realtime-table.ts";

export const versionAfterVersion = serverCheck({
  id: "RT-018/version-after-version",
  name: "of every version of an entity of every type the event carries the meta and the item that its writer was answered",
  brokenBy: [
    faulty.tellsSecondVersionsForEver,
    faulty.tellsCompletedSessionsByTheSchema,
    faulty.tellsPlansByTheSchema,
    faulty.tellsVersionsSinceTheDeletion,
  ],
  async run(context) {
    const { device, newDevice, expect, anItem, edited, aDeletion, unique } = context;
    const laptop = await newDevice().connect();
    const phone = await device.connect();
    const firsts = new Map(ENTITY_TYPES.map((entityType) => [entityType, anItem(entityType)]));
    for (let version = 1; version <= 7; version += 1) {
      const items = ENTITY_TYPES.map((entityType) => {
        const first = firsts.get(entityType)!;
        if (version === 5) return [entityType, aDeletion(first)] as const;
        const status = version % 2 === 0 ? "completed" : "scheduled";
        const more = entityType === "plan_occurrence" ? { status } : {};
        return [
          entityType,
          edited(first, { ...more, fromLater: { nested: [version, { deep: unique() }, null] } }),
        ] as const;
      });
      const written = new Map<EntityType, ReturnType<typeof ofOne>>();
      if (version % 3 === 0) {
        for (const [entityType, item] of items)
          written.set(entityType, ofOne(await phone.write(entityType, item)));
      } else {
        const call = version % 3 === 1 ? CALLS.push : CALLS.batch;
        for (const result of await call(device, items)) written.set(result.entityType as EntityType, result);
      }
      for (const [entityType, sent] of items) {
        const what = `version ${version} of a ${entityType}`;
        const { outcome, meta, item } = written.get(entityType) ?? expect.fail(`no answer for ${what}`);
        expect.equal(`outcome of ${what}`, outcome, "applied");
        const told = await laptop.hears(idOf(sent), (one) => one.meta.seq === meta!.seq);
        expect.equal(`meta of ${what} as told`, stored(told.meta), stored(meta!));
        expect.equal(`version of ${what} as told`, told.meta.version, version);
        expect.equal(`item of ${what} as told`, told.item, version === 5 ? null : (item ?? sent));
      }
    }
  },
});

/** The members by which messages name an entity. */
function namesIn(message: Message): unknown[] {
  const item =
    message["entry"] ?? message["piece"] ?? message["plan"] ?? message["occurrence"] ?? message["item"];
  const { id, scoreId } = (item ?? {}) as JsonObject;
  return [message["entryId"], message["scoreId"], id ?? scoreId].filter((name) => name !== undefined);
}

export const idsToTheLetter = serverCheck({
  id: "RT-018/ids-to-the-letter",
  name: "events, answers and catch-up name an entity letter for letter as it is stored, live and deleted",
  brokenBy: [
    faulty.namesRemovedPiecesInLowerCase,
    faulty.namesRemovedEntriesInLowerCase,
    faulty.namesOthersNormalised,
    faulty.escapesIds,
  ],
  async run(context) {
    const { device, newDevice, expect, anItem, aDeletion } = context;
    const laptop = await newDevice().connect();
    const phone = await device.connect();
    const seqs = new Map<number, string>();
    const names = ["score_Xk3-9_a", 'Étude №9 (A/b~C) %41 "Q" 𝄞'];
    for (const name of names) {
      for (const entityType of ENTITY_TYPES.filter((type) => type !== "user_preferences")) {
        const id = `${name}${entityType === "repertoire_item" ? "" : ` ${entityType}`}`;
        const item = anItem(entityType, entityType === "repertoire_item" ? { scoreId: id } : { id });
        const gone = aDeletion(item);
        const byHttp = name === names[0];
        const answers = byHttp
          ? [
              ...(await CALLS.push(device, [[entityType, item]])),
              ...(await CALLS.batch(device, [[entityType, gone]])),
            ]
          : [
              ofOne(await phone.write(entityType, item)),
              ofOne(await phone.remove(entityType, id, gone["deletedAt"] as string)),
            ];
        for (const { outcome, meta } of answers) {
          expect.equal(`outcome of a ${entityType} named ${id}`, outcome, "applied");
          expect.equal("entity of the answer", meta?.entityId, id);
          seqs.set(meta!.seq, id);
        }
      }
    }
    await laptop.fence();
    const tablet = await newDevice().connect();
    await tablet.catchUp();
    const demand = (listener: Connection): number => {
      const told = listener.told.filter(({ meta }) => seqs.has(meta.seq));
      for (const { entityId, meta, message } of told) {
        const id = seqs.get(meta.seq);
        expect.equal(`entityId as told on ${listener.label}`, entityId, id);
        if (message.meta && "entityId" in (message.meta as JsonObject))
          expect.equal(
            `names in ${message.type} on ${listener.label}`,
            new Set([id, ...namesIn(message)]).size,
            1,
          );
      }
      return new Set(told.map(({ meta }) => meta.seq)).size;
    };
    expect.equal("changes as told live", demand(laptop), seqs.size);
    expect.equal("changes as told in catch-up", demand(tablet), seqs.size / 2);
  },
});
