import { clientMutant } from "../../model-client/mutant.ts";

export const keepsTheTokenOfEachPage = clientMutant({
  name: "keeps-the-token-of-each-page",
  story: "So that a long first sync need not begin anew, it goes on where it was interrupted.",
  breaks: ["CLI-011"],
  deform: (conforming) => ({
    ...conforming,
    cursorOfPage: (context, walk, page) =>
      conforming.cursorOfPage(context, walk, page) ?? { token: page.syncToken },
  }),
});

export const takesTheRestForTheWhole = clientMutant({
  name: "takes-the-rest-for-the-whole",
  story:
    "It goes on with the walk after an interruption, and removes at its end what the pages since then did not have.",
  breaks: ["CLI-011", "CLI-012"],
  deform: (conforming) => ({
    ...conforming,
    cursorOfPage: (context, walk, page) =>
      conforming.cursorOfPage(context, walk, page) ?? { token: page.syncToken },
    applyPage(context, walk, page) {
      walk.full = page.body["mode"] === "full";
      return conforming.applyPage(context, walk, page);
    },
  }),
});

export const catchesUpFromThePage = clientMutant({
  name: "catches-up-from-the-page",
  story:
    "The greatest seq that it has seen is where its catch-up begins, also while pages of its first pull are missing.",
  breaks: ["CLI-011"],
  deform: (conforming) => ({
    ...conforming,
    cursorOfPage: (context, walk, page) =>
      conforming.cursorOfPage(context, walk, page) ?? {
        seq: Math.max(0, ...page.told.map(({ meta }) => meta.seq)),
      },
  }),
});
