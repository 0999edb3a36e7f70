import { clientMutant } from "../../model-client/mutant.ts";

export const repeatsWhatIsRefused = clientMutant({
  name: "repeats-what-is-refused",
  story: "Whatever is not a 200 is retried, with a longer and longer wait.",
  breaks: ["CLI-028", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    fateOf(context, call, answer) {
      const fate = conforming.fateOf(context, call, answer);
      return fate === "split" || fate === "new-key" ? "same-again" : fate;
    },
  }),
});

export const buriesTheWholeRequest = clientMutant({
  name: "buries-the-whole-request",
  story: "A 4xx is the client's fault, so everything in the request is marked as failed.",
  breaks: ["CLI-028"],
  deform: (conforming) => ({
    ...conforming,
    split(context, changes) {
      for (const change of changes) conforming.bury(context, change, "REFUSED");
      return [];
    },
  }),
});

export const dropsTheWholeRequest = clientMutant({
  name: "drops-the-whole-request",
  story: "A 4xx can't be mended by sending it again, so the batch is logged and removed.",
  breaks: ["CLI-028", "CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    split({ store }, changes) {
      for (const { n } of changes) store.changes.delete(String(n));
      return [];
    },
  }),
});

export const splitsUnderTheSameKey = clientMutant({
  name: "splits-under-the-same-key",
  story: "The key belongs to the flush, and a smaller page is taken within the same flush.",
  breaks: ["CLI-028", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    split(context, changes) {
      context.scratch.set("same key", true);
      return conforming.split(context, changes).slice(0, 1);
    },
    newKey(context) {
      const key = context.scratch.delete("same key")
        ? String(context.scratch.get("last key"))
        : conforming.newKey(context);
      context.scratch.set("last key", key);
      return key;
    },
  }),
});

export const triesTheLastOneForEver = clientMutant({
  name: "tries-the-last-one-for-ever",
  story: "The page size is halved down to one, and what can't be halved is sent again.",
  breaks: ["CLI-028"],
  deform: (conforming) => ({
    ...conforming,
    bury: (context, change) => conforming.putBack(context, change),
  }),
});

export const sendsTheFirstHalf = clientMutant({
  name: "sends-the-first-half",
  story:
    "On 413 the list is cut to what the server takes, and what was cut off belongs to no request any more.",
  breaks: ["CLI-028", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    split(context, changes) {
      const [first = [], second = []] = conforming.split(context, changes);
      for (const { n } of second) context.store.changes.delete(String(n));
      return [first];
    },
  }),
});

export const buriesOnAReusedKey = clientMutant({
  name: "buries-on-a-reused-key",
  story: "422 is handled in one place, whatever its code: the item is invalid.",
  breaks: ["CLI-028"],
  deform: (conforming) => ({
    ...conforming,
    fateOf(context, call, answer) {
      return answer.code === "IDEMPOTENCY_KEY_REUSED" ? "split" : conforming.fateOf(context, call, answer);
    },
  }),
});

export const countsAReusedKeyAsDone = clientMutant({
  name: "counts-a-reused-key-as-done",
  story: "The server knows this key, so it has the request, and the items can go.",
  breaks: ["CLI-028", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    fateOf(context, call, answer) {
      if (answer.code !== "IDEMPOTENCY_KEY_REUSED") return conforming.fateOf(context, call, answer);
      context.store.changes.clear();
      return "new-key";
    },
  }),
});
