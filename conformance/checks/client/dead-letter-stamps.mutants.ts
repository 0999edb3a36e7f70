import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";

export const stampsRetriedOnesAnew = clientMutant({
  name: "stamps-retried-ones-anew",
  story: "Retrying saves the letter's item once more, as if its user had just written it.",
  breaks: ["CLI-004"],
  deform: (conforming) => ({
    ...conforming,
    revive(context, change) {
      const { behaviour } = context;
      const at = behaviour.stamp(context, change.type, change.id);
      return behaviour.withStamp(context, conforming.revive(context, change), at);
    },
  }),
});

export const editsInTheLetter = clientMutant({
  name: "edits-in-the-letter",
  story:
    "An edit of what was refused mends the item in the list of letters and puts it back into the queue, its stamp with it.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    stamp: (context, type, id) =>
      context.store.dead.get(entityKey(type, id))?.change.at ?? conforming.stamp(context, type, id),
  }),
});
