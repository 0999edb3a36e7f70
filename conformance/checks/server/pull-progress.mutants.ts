import { mutant } from "../../model/mutant.ts";

export const throughOnEveryPage = mutant({
  name: "through-on-every-page",
  story: "through is a member of the answer's type, so every page is given one.",
  breaks: ["PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress: (context, walk, page) => ({
      ...conforming.tellProgress(context, walk, page),
      ...(walk.mode === "full" ? { through: context.user.head } : {}),
    }),
  }),
});

export const throughIsTheLastRow = mutant({
  name: "through-is-the-seq-of-the-last-row",
  story: "through is taken from the last row that was told, though a deletion came after it.",
  breaks: ["PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress(context, walk, page) {
      const told = conforming.tellProgress(context, walk, page);
      return "through" in told ? { ...told, through: page.rows.at(-1)?.seq ?? 0 } : told;
    },
  }),
});

export const throughInDeltas = mutant({
  name: "through-in-deltas-too",
  story: "The last page of anything says how far it goes.",
  breaks: ["PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress: (context, walk, page) => ({
      ...conforming.tellProgress(context, walk, page),
      ...(page.hasMore ? {} : { through: context.user.head }),
    }),
  }),
});

export const throughForgotten = mutant({
  name: "paged-full-pull-ends-without-through",
  story: "through is added where a pull without since is complete, which one in pages never is.",
  breaks: ["PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress(context, walk, page) {
      const { through, ...told } = conforming.tellProgress(context, walk, page);
      return through === undefined || walk.after > 0 ? told : { ...told, through };
    },
  }),
});

export const throughOfTheTypes = mutant({
  name: "through-of-a-typed-pull-is-that-of-its-types",
  story: "The head is asked for by the same filtered query as the items.",
  breaks: ["PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress(context, walk, page) {
      const told = conforming.tellProgress(context, walk, page);
      if (!("through" in told) || walk.types === null) return told;
      const ofTypes = [...context.user.rows.values()].filter((row) =>
        conforming.isOfWalk(context, row, walk),
      );
      return { ...told, through: Math.max(0, ...ofTypes.map(({ seq }) => seq)) };
    },
  }),
});

export const throughOfTheFirstPage = mutant({
  name: "through-is-the-head-at-the-first-page",
  story: "The head is read once, when the walk begins, and carried in its tokens.",
  breaks: ["PULL-014"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress(context, walk, page) {
      const told = conforming.tellProgress(context, walk, page);
      return "through" in told && walk.start ? { ...told, through: walk.start.head } : told;
    },
  }),
});

export const lastSeqOfWhatWasTold = mutant({
  name: "last-seq-is-that-of-the-last-item",
  story: "lastSeq is the greatest seq among the items of the answer.",
  breaks: ["PULL-015"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress(context, walk, page) {
      const told = conforming.tellProgress(context, walk, page);
      const lastSeq = Math.max(0, ...page.rows.flatMap(({ item, seq }) => (item ? [seq] : [])));
      return "lastSeq" in told ? { ...told, lastSeq } : told;
    },
  }),
});

export const lastSeqInFullPullsOnly = mutant({
  name: "last-seq-in-full-pulls-only",
  story: "lastSeq was added for the first sync of a device.",
  breaks: ["PULL-015"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress(context, walk, page) {
      const { lastSeq, ...told } = conforming.tellProgress(context, walk, page);
      return lastSeq === undefined || walk.mode === "delta" ? told : { ...told, lastSeq };
    },
  }),
});

export const lastSeqCountsEntities = mutant({
  name: "last-seq-counts-entities",
  story: "lastSeq is a COUNT(*) over the table.",
  breaks: ["PULL-015"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress(context, walk, page) {
      const told = conforming.tellProgress(context, walk, page);
      return "lastSeq" in told ? { ...told, lastSeq: context.user.rows.size } : told;
    },
  }),
});

export const lastSeqInTypedPulls = mutant({
  name: "last-seq-in-typed-pulls",
  story: "Every complete answer tells the head, though a typed one did not read all up to it.",
  breaks: ["PULL-015"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress: (context, walk, page) => ({
      ...conforming.tellProgress(context, walk, page),
      ...(page.hasMore ? {} : { lastSeq: context.user.head }),
    }),
  }),
});

export const lastSeqInUnfinishedPulls = mutant({
  name: "last-seq-in-unfinished-pulls",
  story: "Every page tells how far it went.",
  breaks: ["PULL-015"],
  deform: (conforming) => ({
    ...conforming,
    tellProgress: (context, walk, page) => ({
      ...conforming.tellProgress(context, walk, page),
      ...(page.hasMore ? { lastSeq: page.rows.at(-1)!.seq } : {}),
    }),
  }),
});
