import { clientMutant } from "../../model-client/mutant.ts";

export const measuresByReplays = clientMutant({
  name: "measures-by-replays",
  story:
    "Each answer has a timestamp, and the difference to the own clock is stored as the offset. After a night offline the retry is answered with yesterday's body.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    readAnswer(context, call, response) {
      const answer = conforming.readAnswer(context, call, response);
      return answer && { ...answer, replay: false };
    },
  }),
});
