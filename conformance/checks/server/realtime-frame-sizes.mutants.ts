import { mutant } from "../../model/mutant.ts";

export const cutsChunksByCountOnly = mutant({
  name: "cuts-chunks-by-their-count-only",
  story: "250 was thought of with entries of a few hundred bytes.",
  breaks: ["RT-052"],
  deform: (conforming) => ({ ...conforming, chunkBytes: () => Infinity }),
});

export const measuresChunksInCharacters = mutant({
  name: "measures-chunks-in-characters",
  story: "`text.length` is taken for its size.",
  breaks: ["RT-052"],
  deform: (conforming) => ({
    ...conforming,
    fitting(context, rows) {
      let left = conforming.chunkBytes(context);
      const end = rows.findIndex(({ item }, index) => {
        left -= item === null ? 0 : JSON.stringify(item).length;
        return left < 0 && index > 0;
      });
      return rows.slice(0, end === -1 ? undefined : end);
    },
  }),
});
