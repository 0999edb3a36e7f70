import { advance } from "../../model-client/behaviour/realtime.ts";
import { clientMutant } from "../../model-client/mutant.ts";

export const storesAnEventsNumberFirst = clientMutant({
  name: "stores-an-events-number-first",
  story:
    "The number of an event is noted when it comes, and what it tells is put into the database a moment later: closed in between, the app never asks for it again.",
  breaks: ["CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    onEvent(context, session, message) {
      advance(context, conforming.cursorOfEvent(context, session, message));
      context.life.after(5_000, () => void conforming.onEvent(context, session, message));
    },
  }),
});
