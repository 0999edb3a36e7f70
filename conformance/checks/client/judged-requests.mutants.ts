import { clientMutant } from "../../model-client/mutant.ts";

export const takesForbiddenForNoAnswer = clientMutant({
  name: "takes-forbidden-for-no-answer",
  story:
    "Whatever is not 200 goes into the retry loop: a device whose subscription has run out knocks every half minute, for months.",
  breaks: ["CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    fateOf: (context, call, answer) =>
      answer.status === 403 ? "same-again" : conforming.fateOf(context, call, answer),
  }),
});

export const dropsWhatIsForbidden = clientMutant({
  name: "drops-what-is-forbidden",
  story: "403 is final, says the table of statuses, so the request is thrown away, and its writes with it.",
  breaks: ["CLI-009", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    fateOf(context, call, answer) {
      if (answer.status === 403)
        context.store.transaction(() => {
          for (const { items } of context.store.requests.values())
            for (const { n } of items) context.store.changes.delete(String(n));
          context.store.requests.clear();
        });
      return conforming.fateOf(context, call, answer);
    },
  }),
});
