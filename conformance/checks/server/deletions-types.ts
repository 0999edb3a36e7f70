import { serverCheck } from "../../check.ts";
import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { asBatch, asChanges } from "../every-type.ts";
import { idOf } from "../reading.ts";
import { resetsVersionsOnDeletion, resetsVersionsOnReturn } from "./deletions.mutants.ts";
import * as faulty from "./deletions-types.mutants.ts";

export const versionsOfEveryType = serverCheck({
  id: "DEL-005/every-type-and-path",
  name: "the version of an entity of any type goes on over deletion and return, by push and by batch",
  brokenBy: [
    faulty.piecesStartOver,
    faulty.preferencesAreDeletedWithTheirVersion,
    faulty.batchesStartOver,
    faulty.batchesDeleteTheVersion,
    resetsVersionsOnDeletion,
    resetsVersionsOnReturn,
  ],
  async run({ device, newDevice, expect, anItem, edited, aDeletion }) {
    const items = ENTITY_TYPES.map((entityType) => anItem(entityType));
    const gone = (): JsonObject[] => items.map((item) => aDeletion(item));
    const back = (): JsonObject[] => items.map((item) => edited(item));
    const writes = [
      await device.push(asChanges(items)),
      await newDevice().push(asChanges(gone())),
      await device.push(asChanges(back())),
      await newDevice().batch(asBatch(gone())),
      await device.batch(asBatch(back())),
      await device.push(asChanges(gone())),
      await device.batch(asBatch(back())),
    ];
    for (const [index, reply] of writes.entries()) {
      expect.equal(
        `outcomes and versions of write ${index + 1}`,
        reply.body.results.map(({ entityType, outcome, meta }) => [entityType, outcome, meta?.version]),
        ENTITY_TYPES.map((entityType) => [entityType, "applied", index + 1]),
      );
    }
    const pulled = await newDevice().pullAll();
    for (const item of items)
      expect.equal("stored version", expect.live(pulled, idOf(item)).meta.version, writes.length);
  },
});
