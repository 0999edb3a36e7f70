import { explore } from "../explore.ts";
import type { Situation, Variant } from "../variant.ts";
import { pullModel } from "./model.ts";
import type { PullFault, Setting } from "./state.ts";

const NOTHING = { writes: 0, own: 0, cuts: 0, typed: 0, restores: 0 };
const DELTA: Setting = {
  entities: 2,
  stored: 2,
  fresh: false,
  limit: 1,
  left: { ...NOTHING, writes: 2, own: 1, cuts: 1 },
};
const FULL: Setting = {
  entities: 2,
  stored: 2,
  fresh: true,
  limit: 1,
  left: { ...NOTHING, writes: 1, own: 1, cuts: 1 },
};
const WIDE: Setting = {
  entities: 3,
  stored: 2,
  fresh: true,
  limit: 1,
  left: { ...NOTHING, writes: 2, own: 0, cuts: 1 },
};
const TYPED: Setting = {
  entities: 2,
  stored: 1,
  fresh: true,
  limit: 1,
  left: { ...NOTHING, writes: 2, typed: 1 },
};
const LONG: Setting = {
  entities: 3,
  stored: 1,
  fresh: true,
  limit: 1,
  left: { ...NOTHING, writes: 3, cuts: 1 },
};
const RESTORED: Setting = {
  entities: 2,
  stored: 1,
  fresh: true,
  limit: 1,
  left: { ...NOTHING, writes: 1, own: 1, restores: 1 },
};

const situation = (name: string, setting: Setting): Situation => ({
  name: `pull: ${name}`,
  search: (limit) => explore(pullModel(name, setting), limit),
});

export const pullSituations: Situation[] = [
  situation("delta pulls in pages of 1, 2 entities, 2 writes of others, 1 own, 1 crash", DELTA),
  situation("full pulls in pages of 1, 2 entities, 1 write of others, 1 own, 1 crash", FULL),
  situation("full pulls in pages of 1, 3 entities, 2 writes of others, 1 crash", WIDE),
  situation("a typed pull beside full ones, 2 types, 2 writes of others", TYPED),
  situation("a restore of the server, 2 entities, 1 write of others, 1 own", RESTORED),
];

/** Minutes rather than seconds: for `npm run search`. */
export const pullLong: Situation[] = [
  situation("full pulls in pages of 1, 2 entities, 2 writes of others, 1 own, 1 crash", {
    ...FULL,
    left: { ...FULL.left, writes: 2 },
  }),
  situation("a restore of the server, 2 entities, 2 writes of others, 1 own", {
    ...RESTORED,
    left: { ...RESTORED.left, writes: 2 },
  }),
];

const given = ({ entities, stored, fresh }: Setting): string =>
  `given ${entities} entities, of which server and phone have ${stored === 1 ? "e1" : `e1 to e${stored}`}; the phone ${fresh ? "has no cursor" : `is at cursor ${stored}`}`;

const variant = (name: PullFault, breaks: string[], setting: Setting, story: string): Variant => ({
  name,
  breaks,
  story,
  given: given(setting),
  search: (limit) => explore(pullModel(name, setting, name), limit),
});

export const pullVariants: Variant[] = [
  variant("delta-omits-deletions", ["PULL-002"], DELTA, "A delta pull lists live entities only."),
  variant(
    "page-token-is-the-head",
    ["PULL-002", "PULL-009"],
    DELTA,
    "The token of every page is the head, also while more pages remain.",
  ),
  variant(
    "walk-forgets-deletions",
    ["PULL-010"],
    FULL,
    "The token of a page keeps only a place, not where the head was when the walk began. A full pull lists live entities, so what is deleted during the walk, after its page, is never told.",
  ),
  variant(
    "walk-reads-a-snapshot-but-ends-at-the-head",
    ["PULL-010"],
    FULL,
    "The pages of a walk skip what was written after it began; the last one still carries the head as its token.",
  ),
  variant(
    "token-of-unfinished-walk",
    ["PULL-012", "CLI-011"],
    LONG,
    "The token of each page is kept as the cursor, also in a full pull.",
  ),
  variant(
    "one-cursor-for-all-types",
    ["PULL-017"],
    TYPED,
    "There is one cursor, and a pull of one type moves it.",
  ),
  variant(
    "one-floor-for-all-types",
    ["CLI-013"],
    TYPED,
    "A full pull of one type sets the floor of every type.",
  ),
  variant(
    "late-page-wins",
    ["CLI-020"],
    DELTA,
    "A page of a pull is taken for the truth: its items replace what is there, without comparing stamps.",
  ),
  variant(
    "stamps-of-deletions-forgotten",
    ["CLI-020"],
    DELTA,
    "A deletion removes the row, and nothing of it is kept.",
  ),
  variant("absent-items-stay", ["CLI-012"], FULL, "A full pull adds and updates, but removes nothing."),
  variant(
    "removes-all-that-is-absent",
    ["CLI-012"],
    FULL,
    "At the end of a full pull everything is removed that it did not bring, whatever its seq.",
  ),
  variant(
    "no-floor",
    ["CLI-013"],
    FULL,
    "After a full pull, late answers and events are applied whatever their seq.",
  ),
  variant(
    "token-survives-a-restore",
    ["PULL-019"],
    RESTORED,
    "A token says a place in the log, not which log: after a restore it counts as before.",
  ),
  variant(
    "floor-survives-a-restore",
    ["CLI-013", "CLI-050"],
    RESTORED,
    "The floor stays where it was, although the server counts anew from its backup.",
  ),
  variant(
    "stamps-survive-a-restore",
    ["CLI-050"],
    RESTORED,
    "A full pull of a new epoch is compared with the confirmed layer of the old one, stamp by stamp.",
  ),
  variant(
    "acks-survive-a-restore",
    ["CLI-050"],
    RESTORED,
    "An answer from before a restore is applied after the full pull of the new epoch.",
  ),
];
