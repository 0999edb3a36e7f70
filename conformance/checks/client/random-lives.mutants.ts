import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import type { Change } from "../../model-client/store.ts";

export const clearsTheQueueAtServerErrors = clientMutant({
  name: "clears-the-queue-at-server-errors",
  story:
    "The third failure in a row is taken for a poisoned request, and the request is thrown away with all that is in it, so that the queue moves on.",
  breaks: ["CLI-018", "CLI-030"],
  deform: (conforming) => ({
    ...conforming,
    afterFailure(context, frozen) {
      const failures = Number(context.store.scratch.get(`failures ${frozen.key}`) ?? 0) + 1;
      context.store.scratch.set(`failures ${frozen.key}`, failures);
      if (failures < 3) return conforming.afterFailure(context, frozen);
      context.store.requests.delete(frozen.key);
      for (const { n } of frozen.items) context.store.changes.delete(String(n));
    },
  }),
});

export const freshStampsAfterSilence = clientMutant({
  name: "fresh-stamps-after-silence",
  story:
    "A request that was not answered is built anew, and building stamps: where the first one had arrived, the second is another change.",
  breaks: ["CLI-004", "CLI-009", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    afterFailure(context, frozen) {
      const { behaviour, store } = context;
      store.requests.delete(frozen.key);
      for (const { n } of frozen.items) {
        const change = store.changes.get(String(n));
        if (change)
          store.changes.set(
            String(n),
            behaviour.withStamp(
              context,
              { ...change, sent: false },
              Math.max(behaviour.stamp(context, change.type, change.id), change.at + 1),
            ),
          );
      }
    },
  }),
});

export const forgetsWhatComesWhilePushing = clientMutant({
  name: "forgets-what-comes-while-pushing",
  story:
    "So that the screen does not flicker, what is told of an entity whose own edit is on its way is left out: the answer will tell. It tells only of what won.",
  breaks: ["CLI-020", "CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    applyTold(context, told, way) {
      const { entityType, entityId } = told.meta;
      const sent = (change: Change): boolean =>
        change.sent && change.type === entityType && change.id === entityId;
      if (context.behaviour.outbox(context).some(sent)) return;
      conforming.applyTold(context, told, way);
    },
  }),
});

export const storesTheOutboxAtIntervals = clientMutant({
  name: "stores-the-outbox-at-intervals",
  story: "Writes are gathered in memory and stored every other second, for the disk's sake.",
  breaks: ["CLI-015"],
  deform: (conforming) => {
    const gathered = (context: Context): Change[] => {
      const known = context.scratch.get("gathered") as Change[] | undefined;
      if (known) return known;
      const fresh: Change[] = [];
      context.scratch.set("gathered", fresh);
      return fresh;
    };
    return {
      ...conforming,
      outbox: (context) => [...conforming.outbox(context), ...gathered(context)],
      enqueue(context, change) {
        const list = gathered(context);
        list.push(change);
        if (list.length > 1) return;
        context.clock.after(2_000, () => {
          for (const each of list.splice(0)) void conforming.enqueue(context, each);
        });
      },
    };
  },
});

export const rowsWhenIdle = clientMutant({
  name: "rows-when-idle",
  story:
    "The cursor is stored when the page has arrived, its rows at the next idle moment, and a busy phone is not idle for a while.",
  breaks: ["CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    async applyPage(context, walk, page) {
      const { behaviour, store } = context;
      if (behaviour.isNewEpoch(context, page)) behaviour.dropEpoch(context, page.epoch);
      store.put({ epoch: page.epoch, ...behaviour.cursorOfPage(context, walk, page) });
      if (page.told.length > 0)
        await new Promise((resolve) => context.clock.after(15_000, () => resolve(undefined)));
      await conforming.applyPage(context, walk, page);
    },
  }),
});
