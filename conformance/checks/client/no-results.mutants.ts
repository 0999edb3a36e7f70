import { clientMutant } from "../../model-client/mutant.ts";

export const takesNoResultsForNone = clientMutant({
  name: "takes-no-results-for-an-empty-list",
  story: "A list that is missing reads as an empty one, as everywhere else in the app.",
  breaks: ["CLI-042"],
  deform: (conforming) => ({
    ...conforming,
    isBodyOf(context, call, body) {
      if (call === "push") body["results"] ??= [];
      return conforming.isBodyOf(context, call, body);
    },
  }),
});

export const takesNoResultsForSuccess = clientMutant({
  name: "takes-no-results-for-success",
  story: "Servers of old answered without results, and meant that all went well.",
  breaks: ["CLI-042", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    isBodyOf(context, call, body) {
      if (call === "push") body["results"] ??= "none";
      return body["results"] === "none" || conforming.isBodyOf(context, call, body);
    },
    settle(context, frozen, answer) {
      if (answer.body["results"] !== "none") return conforming.settle(context, frozen, answer);
      const { store } = context;
      for (const { n } of frozen.items) store.changes.delete(String(n));
      store.requests.delete(frozen.key);
      return { settled: frozen.items.length, refused: [], conflicts: [] };
    },
  }),
});

export const takesAnEmptyListForNoAnswer = clientMutant({
  name: "takes-an-empty-list-for-no-answer",
  story: "An answer that names nothing of what was sent must be another's, and is passed over.",
  breaks: ["CLI-042", "CLI-008"],
  deform: (conforming) => ({
    ...conforming,
    isBodyOf: (context, call, body) =>
      conforming.isBodyOf(context, call, body) &&
      !(call === "push" && Array.isArray(body["results"]) && body["results"].length === 0),
  }),
});
