import { clientMutant } from "../../model-client/mutant.ts";

export const gathersForFiveSeconds = clientMutant({
  name: "gathers-for-five-seconds",
  story:
    "Writes are gathered for five seconds so that the radio wakes up less often; whoever locks the phone before has sent nothing.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({ ...conforming, flushWithinMs: () => 5_000 }),
});

export const letsTheNetworkSettle = clientMutant({
  name: "lets-the-network-settle",
  story:
    "A network that has just come back is said to be unsteady, so everything waits for another five seconds, and a short moment of coverage on the way home is missed.",
  breaks: ["CLI-026"],
  deform: (conforming) => ({
    ...conforming,
    goOffline(context) {
      conforming.goOffline(context);
      context.scratch.set("was offline", true);
    },
    select(context) {
      if (context.scratch.get("was offline") !== true) return conforming.select(context);
      if (!context.scratch.has("settling")) {
        context.scratch.set("settling", true);
        context.life.after(5_000, () => {
          context.scratch.clear();
          context.lanes.push.due(0);
        });
      }
      return [];
    },
  }),
});
