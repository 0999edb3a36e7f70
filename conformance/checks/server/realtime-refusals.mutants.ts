import { isJsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { CloseSocket } from "../../model/refusal.ts";
import type { Judgement } from "../../model/submission.ts";

/** Tells the others of judgements that are refusals, as if they were stored. */
function relay(context: Context, judgements: readonly Judgement[]): void {
  const { behaviour, user } = context;
  for (const { submission, entityId, outcome } of judgements) {
    const { raw, entityType } = submission;
    if (outcome !== "refused" || !isJsonObject(raw) || entityType === null || entityId === null) continue;
    const stamp = { updatedAt: context.now, deleted: false, checksum: "0".repeat(64) };
    const seq = user.head + 1;
    behaviour.fanOut(context, [
      { entityType, entityId, item: raw, stamp, version: 1, seq, writtenAt: context.now },
    ]);
  }
}

export const relaysBeforeJudging = mutant({
  name: "relays-before-judging",
  story: "The socket server is a relay that sends every mutation on, and the store judges it later.",
  breaks: ["RT-014", "RT-009", "RT-012"],
  deform: (conforming) => ({
    ...conforming,
    async settle(context, connection, judgements, rows) {
      relay(context, judgements);
      await conforming.settle(context, connection, judgements, rows);
    },
  }),
});

export const errorsWithoutName = mutant({
  name: "errors-without-client-change-id",
  story: "Errors are made by a handler around all messages that knows nothing of the message.",
  breaks: ["RT-014"],
  deform: changingMessages(["ERROR"], ({ clientChangeId: _name, ...frame }) => frame),
});

export const refusesInSilence = mutant({
  name: "refuses-in-silence",
  story: "A mutation that fails its validation is logged, and that is all.",
  breaks: ["RT-014"],
  deform: changingMessages(["ERROR"], (frame) => ("clientChangeId" in frame ? undefined : frame)),
});

export const closesOnABadItem = mutant({
  name: "closes-the-socket-on-a-bad-item",
  story: "Whatever is thrown while a message is served ends the connection.",
  breaks: ["RT-014"],
  deform: (conforming) => ({
    ...conforming,
    refusalFrame() {
      throw new CloseSocket(1011, "the message could not be served");
    },
  }),
});

export const storesBeforeItValidates = mutant({
  name: "stores-what-it-refuses-on-sockets",
  story: "The row is written when the message comes in, and validation decides on the answer only.",
  breaks: ["RT-014", "RT-004"],
  deform: (conforming) => ({
    ...conforming,
    async settle(context, connection, judgements, rows) {
      await conforming.settle(context, connection, judgements, rows);
      for (const { submission, entityId, outcome } of judgements) {
        const { raw, entityType } = submission;
        if (outcome !== "refused" || !isJsonObject(raw) || entityType === null || entityId === null) continue;
        const stamp = { updatedAt: 0, deleted: false, checksum: "0".repeat(64) };
        const row = { entityType, entityId, item: raw, stamp, version: 1, seq: context.user.head + 1 };
        conforming.applyRow(context, { ...row, writtenAt: context.now });
      }
    },
  }),
});

export const refusesTheWholeBulk = mutant({
  name: "refuses-the-whole-bulk",
  story: "A bulk message is validated as one, so that one bad item takes the others with it.",
  breaks: ["RT-013", "RT-014", "RT-004"],
  deform: (conforming) => ({
    ...conforming,
    async settle(context, connection, judgements, rows) {
      const bad = judgements.find(({ outcome }) => outcome === "refused");
      if (bad === undefined) return conforming.settle(context, connection, judgements, rows);
      conforming.send(context, connection, conforming.refusalFrame(context, bad));
    },
  }),
});

/** The conforming end of a mutation, with other steps in some places. */
const settleWith = (context: Context, steps: Partial<Behaviour>): Context => ({
  ...context,
  behaviour: { ...context.behaviour, ...steps },
});

export const acknowledgesBeforeStoring = mutant({
  name: "acknowledges-before-storing",
  story: "The answer is sent at once, and the store is written in the background.",
  breaks: ["RT-012", "RT-014"],
  deform: (conforming) => ({
    ...conforming,
    async settle(context, connection, judgements, rows) {
      conforming.acknowledge(context, connection, judgements);
      if (rows.length === 0) return;
      // A store that is far away, or busy.
      for (let n = 0; n < 50; n += 1) await context.server.turn(context);
      await conforming.commit(context, { rows });
    },
  }),
});

export const tellsBeforeStoring = mutant({
  name: "tells-before-storing",
  story: "The other devices are told first, because that is what users notice.",
  breaks: ["RT-012", "RT-014"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      if (context.connection === undefined) return conforming.commit(context, transaction);
      conforming.fanOut(context, transaction.rows);
      for (let n = 0; n < 50; n += 1) await context.server.turn(context);
      await conforming.commit(settleWith(context, { afterCommit() {} }), transaction);
    },
  }),
});

export const isSilentAboutItsStore = mutant({
  name: "is-silent-about-its-store",
  story: "A failing store is retried in vain, and nobody tells the sender.",
  breaks: ["RT-014"],
  deform: changingMessages(["ERROR"], (frame) => (frame["code"] === "UNAVAILABLE" ? undefined : frame)),
});

export const showsWhatItCouldNotStore = mutant({
  name: "shows-what-it-could-not-store",
  story: "The copy in memory is changed before the store is asked, and not changed back when that fails.",
  breaks: ["RT-014", "RT-012"],
  deform: (conforming) => ({
    ...conforming,
    async persist(context, transaction) {
      try {
        await conforming.persist(context, transaction);
      } catch (error) {
        for (const row of transaction.rows) conforming.applyRow(context, row);
        throw error;
      }
    },
  }),
});

export const callsStoreFailuresInternal = mutant({
  name: "calls-failures-of-the-store-internal-on-sockets",
  story: "HTTP knows which errors pass; whatever the socket's handler catches is internal.",
  breaks: ["RT-014"],
  deform: changingMessages(["ERROR"], (frame) =>
    frame["code"] === "UNAVAILABLE" ? { ...frame, code: "INTERNAL" } : frame,
  ),
});
