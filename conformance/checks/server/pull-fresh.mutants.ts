import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { remembered } from "./pull-history.ts";

export const readsFromALaggingReplica = mutant({
  name: "reads-from-a-lagging-replica",
  story: "Pulls are served by a read replica that learns of a write a moment after it was acknowledged.",
  breaks: ["PULL-005"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      const before = context.user.head;
      await conforming.commit(context, transaction);
      if (transaction.rows.length > 0) context.server.scratch.set(replica(context), before);
    },
    rowsAfter: (context, seq) => {
      const known = (context.server.scratch.get(replica(context)) as number | undefined) ?? context.user.head;
      return conforming.rowsAfter(context, seq).filter((row) => row.seq <= known);
    },
    tellHead: (context) =>
      (context.server.scratch.get(replica(context)) as number | undefined) ?? conforming.tellHead(context),
    pullAnswer(context, walk, page) {
      const body = conforming.pullAnswer(context, walk, page);
      context.server.scratch.delete(replica(context));
      return body;
    },
  }),
});

export const cachesFullPulls = mutant({
  name: "caches-full-pulls",
  story: "Something in front of the server caches answers by user and request body.",
  breaks: ["PULL-005"],
  deform: (conforming) => ({
    ...conforming,
    pullAnswer: (context, walk, page) =>
      walk.mode === "delta"
        ? conforming.pullAnswer(context, walk, page)
        : cached(context, context.user.id, () => conforming.pullAnswer(context, walk, page)),
  }),
});

export const cachesPullsPerDevice = mutant({
  name: "caches-pulls-per-device",
  story: "Answers are cached for each device, and only its own writes empty the cache.",
  breaks: ["PULL-005"],
  deform: (conforming) => ({
    ...conforming,
    pullAnswer: (context, walk, page) =>
      cached(context, deviceSlot(conforming, context), () => conforming.pullAnswer(context, walk, page)),
    async commit(context, transaction) {
      await conforming.commit(context, transaction);
      for (const slot of context.server.volatile.keys()) {
        if (slot.startsWith(`cache ${deviceSlot(conforming, context)} `))
          context.server.volatile.delete(slot);
      }
    },
  }),
});

export const batchWritesAppearLater = mutant({
  name: "batch-writes-appear-with-the-next-push",
  story: "Only a push refreshes the view that pulls are read from.",
  breaks: ["PULL-005"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      await conforming.commit(context, transaction);
      const hidden = remembered<number>(context, "hidden seqs");
      if (context.endpoint === "push") hidden.clear();
      else for (const { seq } of transaction.rows) hidden.add(seq);
    },
    rowsAfter: (context, seq) =>
      conforming
        .rowsAfter(context, seq)
        .filter((row) => !remembered<number>(context, "hidden seqs").has(row.seq)),
  }),
});

function replica({ user }: Context): string {
  return `replica knows ${user.id}`;
}

function deviceSlot(conforming: Behaviour, context: Context): string {
  return `${context.user.id} ${conforming.deviceOf(context) ?? ""}`;
}

function cached({ server, bytes }: Context, owner: string, make: () => JsonObject): JsonObject {
  const slot = `cache ${owner} ${Buffer.from(bytes).toString("utf8")}`;
  const body = (server.volatile.get(slot) as JsonObject | undefined) ?? make();
  server.volatile.set(slot, body);
  return body;
}
