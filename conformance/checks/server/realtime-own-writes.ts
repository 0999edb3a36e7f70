import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import { isAck, isChunk, isError, toldBy } from "../../wire/messages.ts";
import type { Ack, Message } from "../../wire/messages.ts";
import { told } from "../reading.ts";
import { demandNoHole, heldAfter, idSet, Log, readOn, tinyGoals } from "./realtime-log.ts";
import * as faulty from "./realtime-own-writes.mutants.ts";
import { later } from "../../wire/rejectable.ts";

/** More than a thousand changes at first, and as many again with each round: what is too quick once is slower then. */
const PER_ROUND = 1_100;
const ROUNDS = 3;
/** Mutations that leave together with SYNC_REQUEST, so that the server has them when the catch-up begins. */
const OWN = 6;
/** Writes of another socket once the catch-up is seen to run. */
const LATE = 3;

/** Pushes of each HTTP writer in a round, at most: a server may limit their rate. */
const MOST_PUSHES = 30;

/** What became of one catch-up amid writes. */
interface Round {
  phone: Connection;
  own: readonly JsonObject[];
  caughtUp: readonly Message[];
  /** An own write was acknowledged while older changes of others were still to be told. */
  answeredWithin: boolean;
}

/** A connection's first catch-up, over all that is in the log, while itself and others write as fast as they can. */
async function catchUpAmidWrites(context: ServerContext, log: Log): Promise<Round> {
  const { device, newDevice, anEntry, aPiece } = context;
  const phone = await newDevice().connect();
  const laptop = await newDevice().connect();
  const own = Array.from({ length: OWN }, () => aPiece());
  let running = true;
  const late: Ack[] = [];

  const before = phone.frames.length;
  phone.send({ type: "SYNC_REQUEST" });
  const answers = own.map((piece) => later(phone.write("repertoire_item", piece)));
  const writeOn = async (writer: typeof device): Promise<void> => {
    for (let n = 0; n < MOST_PUSHES && running; n += 1) log.note(await writer.push({ entries: [anEntry()] }));
  };
  const keepWriting = [device, newDevice()].map((writer) => later(writeOn(writer)));
  const ended = async (): Promise<readonly Message[]> => {
    await phone.until("the first chunk of the catch-up", isChunk);
    // A server that waits for its reader stands still here. One that does not goes on, and may be quick.
    phone.pause();
    const writes = Array.from({ length: LATE }, () => laptop.write("logbook_entry", anEntry()));
    late.push(...(await Promise.all(writes)));
    return readOn(phone, before);
  };
  const caughtUp = await ended().finally(() => (running = false));
  await Promise.all(keepWriting);
  for (const ack of [...late, ...(await Promise.all(answers))]) log.note(ack);

  return {
    phone,
    own,
    caughtUp,
    answeredWithin: caughtUp.some((frame, index) => isAck(frame) && tellsOlder(caughtUp.slice(index), frame)),
  };
}

/** Whether these frames tell a change that is older than the one that was acknowledged. */
function tellsOlder(frames: readonly Message[], { meta: { seq } }: Ack): boolean {
  return frames.flatMap(toldBy).some(({ meta }) => meta.seq < seq);
}

export const ackDuringCatchUp = serverCheck({
  id: "RT-024/acknowledgement-during-a-catch-up",
  name: "an acknowledgement in the middle of a catch-up tells no more than the catch-up has told",
  timeoutMs: 90_000,
  brokenBy: [
    faulty.acksCarryTheHead,
    faulty.acksCarryTheirSeq,
    faulty.quickAndAcksCarryTheHead,
    faulty.quickAndAcksCarryTheirSeq,
  ],
  async run(context) {
    const { device, expect } = context;
    const log = new Log();
    for (let round = 1; round <= ROUNDS; round += 1) {
      await log.push(device, { goals: tinyGoals(context, PER_ROUND) }, context);
      const { phone, own, answeredWithin } = await catchUpAmidWrites(context, log);
      await phone.fence();
      const ids = idSet(own);
      demandNoHole(phone.frames, log, { own: ids });
      expect.ok("nothing was refused", !phone.frames.some(isError), phone.frames.find(isError));
      const held = heldAfter(phone.frames).filter(({ entityId }) => !ids.has(entityId));
      // What the phone wrote in an earlier round, as another connection, it is told.
      expect.equal(`what ${phone.label} holds`, told(held), log.ends(ids));
      if (answeredWithin) return;
    }
    // No acknowledgement ever came before older changes were told: such a server has nothing to get wrong here.
  },
});
