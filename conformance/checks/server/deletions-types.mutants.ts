import { afterBuilding } from "../../model/deform.ts";
import { mutant } from "../../model/mutant.ts";

export const piecesStartOver = mutant({
  name: "pieces-start-over",
  story: "A piece that is taken up again is inserted anew: the repertoire is a list, not a log.",
  breaks: ["DEL-005", "ORD-020"],
  deform: afterBuilding((row, stored) =>
    row.entityType === "repertoire_item" && stored?.item === null && row.item !== null
      ? { ...row, version: 1 }
      : row,
  ),
});

export const preferencesAreDeletedWithTheirVersion = mutant({
  name: "preferences-are-deleted-with-their-version",
  story: "There is one row of settings, and deleting it sets all of its columns back.",
  breaks: ["DEL-005", "ORD-020"],
  deform: afterBuilding((row) =>
    row.entityType === "user_preferences" && row.item === null ? { ...row, version: 1 } : row,
  ),
});

export const batchesStartOver = mutant({
  name: "batches-start-over",
  story: "The statement of the batch looks the version up among the live rows.",
  breaks: ["DEL-005", "ORD-020", "BATCH-001"],
  deform: afterBuilding((row, stored, _winner, { endpoint }) =>
    endpoint === "batch" && stored?.item === null && row.item !== null ? { ...row, version: 1 } : row,
  ),
});

export const batchesDeleteTheVersion = mutant({
  name: "batches-delete-the-version",
  story: "A deletion in a batch moves the entity to a table of tombstones, which begins to count anew.",
  breaks: ["DEL-005", "ORD-020", "BATCH-001"],
  deform: afterBuilding((row, _stored, _winner, { endpoint }) =>
    endpoint === "batch" && row.item === null ? { ...row, version: 1 } : row,
  ),
});
