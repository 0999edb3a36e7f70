import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import type { Frozen } from "../../model-client/store.ts";

/** Sends a request that outlives its page, as `navigator.sendBeacon` does: nobody hears what comes of it. */
function beacon(context: Context, { key, body }: Pick<Frozen, "key" | "body">): void {
  const { behaviour, transport } = context;
  const headers = behaviour.headers(context, "push", key);
  const request = { method: "POST", path: "/api/sync/push", headers, body: new TextEncoder().encode(body) };
  void transport(request).catch(() => {});
}

export const trustsItsBeacon = clientMutant({
  name: "trusts-its-beacon",
  story: "In `pagehide` a beacon takes what waits along; it returned true, so the queue is cleared.",
  breaks: ["CLI-015", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    farewell(context) {
      const { behaviour, store } = context;
      const waiting = behaviour.outbox(context);
      if (waiting.length === 0) return;
      beacon(context, {
        key: behaviour.newKey(context),
        body: behaviour.body(context, waiting, "push").body,
      });
      store.changes.clear();
      store.requests.clear();
    },
  }),
});

export const sendsItsQueueInABeacon = clientMutant({
  name: "sends-its-queue-in-a-beacon",
  story:
    "So that nothing waits for the next visit, `pagehide` sends all that is in the queue once more, in a request of its own.",
  breaks: ["CLI-019", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    farewell(context) {
      const { behaviour } = context;
      const waiting = behaviour.outbox(context);
      if (waiting.length === 0) return;
      beacon(context, {
        key: behaviour.newKey(context),
        body: behaviour.body(context, waiting, "push").body,
      });
    },
  }),
});

export const sendsAnewInABeacon = clientMutant({
  name: "sends-anew-in-a-beacon",
  story: "What was under way is sent again by a beacon, and the function that sends makes the key.",
  breaks: ["CLI-019", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    farewell(context) {
      const { behaviour, store } = context;
      for (const { body } of store.requests.values())
        beacon(context, { key: behaviour.newKey(context), body });
    },
  }),
});

export const notesInItsFarewellWhatItHeardOf = clientMutant({
  name: "notes-in-its-farewell-what-it-heard-of",
  story:
    "`pagehide` writes down the greatest number that came by, in whatever answer, as the place to go on from.",
  breaks: ["CLI-010", "CLI-037"],
  deform: (conforming) => ({
    ...conforming,
    applyResult(context, told) {
      context.scratch.set("heard of", told.meta.seq);
      conforming.applyResult(context, told);
    },
    farewell({ store, scratch }) {
      const seq = (scratch.get("heard of") as number | undefined) ?? 0;
      if (seq > (store.state.seq ?? seq)) store.put({ seq });
    },
  }),
});

export const takesTheLockAlong = clientMutant({
  name: "takes-the-lock-along",
  story:
    "Which tab syncs is noted in localStorage, and taken away at close(): a page that is reloaded goes without closing anything.",
  breaks: ["CLI-048"],
  deform: (conforming) => ({
    ...conforming,
    farewell: ({ scratch }) => void scratch.set("gone", true),
    // Asked once more when it has gone, for whom to hand over to.
    leads: (context) => !context.scratch.has("gone") && conforming.leads(context),
  }),
});
