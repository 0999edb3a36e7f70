import type { JsonObject } from "../../../schemas/json.ts";
import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import type { Change, Frozen } from "../../model-client/store.ts";

const changesOf = ({ store }: Context, { items }: Frozen): Change[] =>
  items.flatMap(({ n }) => store.changes.get(String(n)) ?? []);

export const settlesAllByA200 = clientMutant({
  name: "settles-all-by-a-200",
  story: "The status says that it worked, so the request is done, with everything in it.",
  breaks: ["CLI-008", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    settle(context, frozen, answer) {
      const changes = changesOf(context, frozen);
      const tally = conforming.settle(context, frozen, answer);
      for (const { n } of changes) context.store.changes.delete(String(n));
      return tally;
    },
  }),
});

export const repeatsAllForOne = clientMutant({
  name: "repeats-all-for-one",
  story:
    "An answer with fewer results than items is not understood, so all of it is asked again, under a new key.",
  breaks: ["CLI-008"],
  deform: (conforming) => ({
    ...conforming,
    settle(context, frozen, answer) {
      const { store } = context;
      if ((answer.body["results"] as unknown[]).length >= frozen.items.length)
        return conforming.settle(context, frozen, answer);
      store.transaction(() => store.requests.delete(frozen.key));
      return { settled: 0, refused: changesOf(context, frozen), conflicts: [] };
    },
  }),
});

export const settlesByPosition = clientMutant({
  name: "settles-by-position",
  story: "Results come in the order of the request, so the first one is the first item's.",
  breaks: ["CLI-008"],
  deform: (conforming) => ({
    ...conforming,
    settle(context, frozen, answer) {
      const results = (answer.body["results"] as JsonObject[]).flatMap((result, index) => {
        const pointer = frozen.items[index]?.pointer;
        return pointer === undefined ? [] : [{ ...result, pointer }];
      });
      return conforming.settle(context, frozen, { ...answer, body: { ...answer.body, results } });
    },
  }),
});

export const sendsTheRestUnderTheOldKey = clientMutant({
  name: "sends-the-rest-under-the-old-key",
  story: "The request stays until it is empty: what was settled is taken out of it, and the rest goes again.",
  breaks: ["CLI-008", "CLI-009", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    settle(context, frozen, answer) {
      const { behaviour, store } = context;
      const tally = conforming.settle(context, frozen, answer);
      const rest = changesOf(context, frozen).filter(({ sent }) => sent);
      if (rest.length > 0)
        store.requests.set(frozen.key, { key: frozen.key, ...behaviour.body(context, rest, frozen.call) });
      return tally;
    },
  }),
});

export const failsAllForOne = clientMutant({
  name: "fails-all-for-one",
  story: "success is false, so nothing was saved; the push is put together again without what was refused.",
  breaks: ["CLI-008"],
  deform: (conforming) => ({
    ...conforming,
    settle(context, frozen, answer) {
      if (answer.body["success"] !== false) return conforming.settle(context, frozen, answer);
      const refused = (answer.body["results"] as JsonObject[]).filter(({ outcome }) => outcome === "refused");
      return conforming.settle(context, frozen, {
        ...answer,
        body: { ...answer.body, results: refused },
      });
    },
  }),
});

/** The same body under another key. */
const underANewKey = (context: Context, frozen: Frozen): Frozen => ({
  ...frozen,
  key: context.behaviour.newKey(context),
});

export const newKeyForEachAttempt = clientMutant({
  name: "new-key-for-each-attempt",
  story: "The key is made where the headers are, for each request that goes out.",
  breaks: ["CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend: (context, frozen, attempt) => (attempt > 0 ? underANewKey(context, frozen) : frozen),
  }),
});

function newKeyAfter(conforming: ClientBehaviour, statuses: (status: number) => boolean): ClientBehaviour {
  return {
    ...conforming,
    fateOf: (context, call, answer) =>
      call !== "pull" && statuses(answer.status) ? "new-key" : conforming.fateOf(context, call, answer),
  };
}

export const newKeyAfterAnError = clientMutant({
  name: "new-key-after-an-error",
  story: "A 5xx is an answer: that request is over, and the next one is another.",
  breaks: ["CLI-009"],
  deform: (conforming) => newKeyAfter(conforming, (status) => status >= 500),
});

export const newKeyAfterAWait = clientMutant({
  name: "new-key-after-a-wait",
  story:
    "Told to come back later, it lets go of the request and takes up the queue anew when the time has come.",
  breaks: ["CLI-009"],
  deform: (conforming) => newKeyAfter(conforming, (status) => status === 429 || status === 409),
});

export const packsAnew = clientMutant({
  name: "packs-anew",
  story:
    "The queue with its latest edits is put into the body at each attempt; the key is kept, as it must be.",
  breaks: ["CLI-009", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend(context, frozen, attempt) {
      if (attempt === 0) return frozen;
      const { behaviour } = context;
      const body = behaviour.body(context, behaviour.outbox(context), frozen.call);
      return { ...frozen, body: body.body };
    },
  }),
});

export const newKeyWithANewToken = clientMutant({
  name: "new-key-with-a-new-token",
  story: "Signing in again makes the API client anew, and its requests with it.",
  breaks: ["CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend: (context, frozen, attempt) =>
      attempt > 0 && context.refused.size > 0 ? underANewKey(context, frozen) : frozen,
  }),
});

export const forgetsItsKeysWhenClosed = clientMutant({
  name: "forgets-its-keys-when-closed",
  story: "The outbox is stored, the request that is under way is an object in memory.",
  breaks: ["CLI-009", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    freeze(context, changes) {
      const frozen = conforming.freeze(context, changes);
      context.scratch.set(`frozen here ${frozen.key}`, true);
      return frozen;
    },
    requestToSend: (context, frozen) =>
      context.scratch.has(`frozen here ${frozen.key}`) ? frozen : underANewKey(context, frozen),
  }),
});

export const countsItsKeysFromOne = clientMutant({
  name: "counts-its-keys-from-one",
  story: "A key is the device and a number that goes up, and that begins anew when the app does.",
  breaks: ["CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    newKey({ store, scratch }) {
      const n = ((scratch.get("keys") as number | undefined) ?? 0) + 1;
      scratch.set("keys", n);
      return `${store.device}.${n}`;
    },
  }),
});

export const makesKeysOfTheItems = clientMutant({
  name: "makes-keys-of-the-items",
  story:
    "Deployed clients make keys of the data; here they are made of the ids, so that a retry has the same.",
  breaks: ["CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    freeze(context, changes) {
      const { store } = context;
      const { key, ...frozen } = conforming.freeze(context, changes);
      const named = { ...frozen, key: `items-${changes.map(({ type, id }) => `${type}:${id}`).join(",")}` };
      store.transaction(() => {
        store.requests.delete(key);
        store.requests.set(named.key, named);
      });
      return named;
    },
  }),
});

export const insistsOnItsKey = clientMutant({
  name: "insists-on-its-key",
  story: "Every refusal of a whole request is a bad day of the server's: it waits and sends the same again.",
  breaks: ["CLI-009", "CLI-028"],
  deform: (conforming) => ({
    ...conforming,
    fateOf: (context, call, answer) =>
      call === "push" && answer.status === 422 ? "same-again" : conforming.fateOf(context, call, answer),
  }),
});

export const splitsUnderItsKey = clientMutant({
  name: "splits-under-its-key",
  story: "When a push is too large, it is shortened, and what was cut off goes under a key of its own.",
  breaks: ["CLI-009", "CLI-028"],
  deform: (conforming) => ({
    ...conforming,
    split(context, changes) {
      const frozen = [...context.store.requests.values()].find(({ items }) => items[0]?.n === changes[0]?.n);
      if (frozen) context.scratch.set("split", frozen.key);
      return conforming.split(context, changes);
    },
    newKey(context) {
      const key = context.scratch.get("split") as string | undefined;
      context.scratch.delete("split");
      return key ?? conforming.newKey(context);
    },
  }),
});
