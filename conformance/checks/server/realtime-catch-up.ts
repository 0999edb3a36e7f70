import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { isChunk, toldBy } from "../../wire/messages.ts";
import type { Changes } from "../../wire/shapes.ts";
import { idOf, told } from "../reading.ts";
import * as faulty from "./realtime-catch-up.mutants.ts";
import * as chunks from "./realtime-chunks.mutants.ts";
import { cursorAfter, demandNoHole, heldAfter, Log, stopMidway, tinyGoals } from "./realtime-log.ts";

/** One item of every type, by member of a push. */
function oneOfEach(anItem: (type: (typeof ENTITY_TYPES)[number]) => JsonObject): Required<Changes> {
  const entries = ENTITY_TYPES.map((type) => [memberOf(type), [anItem(type)]] as [string, JsonObject[]]);
  return Object.fromEntries<JsonObject[]>(entries) as Required<Changes>;
}

export const everyType = serverCheck({
  id: "RT-026/every-type-in-its-latest-state",
  name: "catch-up brings entities of every type in their latest state, and deletions of every type",
  brokenBy: [
    faulty.leavesOutPreferences,
    faulty.leavesOutOccurrences,
    faulty.leavesOutDeletions,
    faulty.onlyDeletionsWithAMessage,
    faulty.staleState,
  ],
  async run(context) {
    const { device, newDevice, expect, anItem, edited, aDeletion } = context;
    const log = new Log();
    const [kept, gone] = [oneOfEach(anItem), oneOfEach(anItem)];
    gone.preferences = [];
    await log.push(device, kept, context);
    await log.push(device, gone, context);
    const changed = Object.fromEntries(
      Object.entries(kept).map(([member, [item]]) => [member, [edited(item!, { addedLater: "latest" })]]),
    );
    await log.push(device, changed, context);
    const deletions = Object.fromEntries(
      Object.entries(gone).map(([member, items]) => [member, items.map((item) => aDeletion(item))]),
    );
    await log.push(device, deletions, context);

    const phone = await newDevice().connect();
    const caughtUp = await phone.catchUp();
    expect.equal("what the phone holds", told(heldAfter(caughtUp.frames)), log.ends());
    expect.equal("lastSeq", caughtUp.lastSeq, log.head);
    demandNoHole(phone.frames, log);
    const pulled = await newDevice().pullAll();
    for (const { entityId, entityType, item } of heldAfter(caughtUp.frames)) {
      if (item === null) continue;
      expect.equal(`addedLater of ${entityType}`, item["addedLater"], "latest");
      expect.equal(`${entityType} as pulled`, item, expect.live(pulled, entityId, entityType).item);
    }
  },
});

export const fromAPlace = serverCheck({
  id: "RT-026/from-a-place-in-the-log",
  name: "catch-up from any place in the log brings all that changed after it, and nothing else",
  brokenBy: [faulty.skipsTheNext, faulty.ignoresThePlace, faulty.leavesOutDeletions],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, aDeletion, edited }) {
    const log = new Log();
    const [entry, goal, piece] = [anEntry(), aGoal(), aPiece()];
    log.note(await device.push({ entries: [entry], goals: [goal], repertoire: [piece] }));
    log.note(await device.push({ entries: [edited(entry)], goals: [aDeletion(goal)] }));
    log.note(await device.push({ repertoire: [aDeletion(piece)], entries: [anEntry()] }));
    const phone = await newDevice().connect();
    const { epoch } = await phone.catchUp();

    for (const { seq } of log.changes) {
      const caughtUp = await phone.catchUp({ lastSeq: seq, epoch });
      const later = new Log();
      later.changes.push(...log.changes.filter((change) => change.seq > seq));
      // An entity that changed again after the place is told in its last state: `ends` looks at later changes alone.
      expect.equal(`what changed after ${seq}`, told(heldAfter(caughtUp.frames)), later.ends());
      expect.equal("lastSeq", caughtUp.lastSeq, log.head);
    }
  },
});

export const overAThousand = serverCheck({
  id: "RT-026/over-a-thousand-in-order",
  name: "catch-up over more than a thousand changes brings them all, in the order of the log",
  brokenBy: [faulty.stopsAtAThousand, faulty.stopsAfterAChunk, faulty.newestFirst],
  async run(context) {
    const { device, newDevice, expect, anEntry } = context;
    const log = new Log();
    await log.push(device, { goals: tinyGoals(context, 1_100) }, context);
    const phone = await newDevice().connect();
    const caughtUp = await phone.catchUp();

    demandNoHole(phone.frames, log);
    expect.equal("what the phone holds", told(heldAfter(caughtUp.frames)), log.ends());
    expect.equal("lastSeq", caughtUp.lastSeq, log.head);
    expect.ok("chunks", caughtUp.chunks.length >= 5, caughtUp.chunks.length);
    let last = 0;
    // Within one message the lists run by type; from message to message the log goes on.
    for (const chunk of caughtUp.chunks) {
      const seqs = toldBy(chunk).map(({ meta }) => meta.seq);
      expect.ok("a chunk goes on where the last one ended", Math.min(...seqs) > last, [last, seqs[0]]);
      last = Math.max(...seqs);
    }
    const next = anEntry();
    await device.push({ entries: [next] });
    await phone.hears(idOf(next));
  },
});

export const writtenMeanwhile = serverCheck({
  id: "RT-026/whatever-is-written-meanwhile",
  name: "what HTTP and sockets create, edit and delete during a catch-up, told before or not, is told in the end",
  brokenBy: [
    faulty.frozenAtItsStart,
    faulty.tellsEachOnce,
    faulty.pagesByOffset,
    faulty.endsTooLate,
    chunks.chunksCarryTheHead,
    chunks.deletionsAreNumbered,
  ],
  async run(context) {
    const { device, newDevice, expect, anEntry, aPiece, edited, aDeletion } = context;
    const log = new Log();
    const goals: JsonObject[] = tinyGoals(context, 560);
    await log.push(device, { goals }, context);
    const phone = await newDevice().connect();
    const laptop = await newDevice().connect();
    const readOn = await stopMidway(phone);
    let running = true;

    const byHttp = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to && running; n += 1) {
        log.note(
          await device.push({
            goals: [edited(goals[n]!), aDeletion(goals[100 + n]!), edited(goals[520 + n]!)],
            entries: [anEntry()],
          }),
        );
      }
    };
    const bySocket = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to && running; n += 1) {
        log.note(await laptop.write("repertoire_item", aPiece()));
        log.note(await laptop.write("goal", edited(goals[300 + n]!)));
        log.note(await laptop.remove("goal", idOf(goals[450 + n]!)));
      }
    };
    await Promise.all([byHttp(0, 5), bySocket(0, 5)]);
    // They go on until the end has come: something is written at every point of the walk.
    const end = readOn().finally(() => (running = false));
    await Promise.all([end, byHttp(5, 30), bySocket(5, 30)]);

    await phone.fence();
    demandNoHole(phone.frames, log);
    expect.equal("what the phone holds", told(heldAfter(phone.frames)), log.ends());
  },
});

export const cutAndResumed = serverCheck({
  id: "RT-026/cut-and-resumed",
  name: "a catch-up that is cut anywhere and resumed from the last lastSeq leaves nothing out",
  brokenBy: [
    chunks.chunksCarryTheHead,
    chunks.deletionsAfterTheirChunk,
    chunks.deletionsAreNumbered,
    chunks.piecesAreForgotten,
    chunks.chunksReachForTheNext,
  ],
  async run(context) {
    const { device, newDevice, expect, aPiece, anEntry, aDeletion, edited } = context;
    const log = new Log();
    const goals: JsonObject[] = tinyGoals(context, 300);
    const pieces = Array.from({ length: 40 }, () => aPiece());
    // Deletions and pieces stand in every chunk.
    for (let part = 0; part < 4; part += 1) {
      const own = goals.slice(part * 75, (part + 1) * 75);
      await log.push(
        device,
        {
          goals: own,
          repertoire: pieces.slice(part * 10, (part + 1) * 10),
          entries: [anEntry(), anEntry()],
        },
        context,
      );
      await log.push(device, { goals: own.slice(0, 9).map((goal) => aDeletion(goal)) }, context);
    }

    // A cut after each of these many frames: the catch-up begins with deletions, if it goes by chunks of 250.
    const whole = (await (await newDevice().connect()).catchUp()).frames;
    const firstChunk = whole.findIndex(isChunk) + 1;
    const cuts = new Set([2, firstChunk, firstChunk + 1, Math.ceil(whole.length / 2), whole.length - 1]);
    for (const cut of cuts) {
      const phone = newDevice();
      const first = await phone.connect();
      const before = first.frames.length;
      first.send({ type: "SYNC_REQUEST" });
      await first.until(`${cut} frames of the catch-up`, () => first.frames.length >= before + cut);
      first.terminate();
      // What is read before the cut is what the client has: its cursor comes of the same frames.
      const seen = first.frames.slice(before, before + cut);
      demandNoHole(seen, log);
      const cursor = cursorAfter(seen);
      await log.push(
        device,
        { goals: [edited(goals[cut % 100]!)], repertoire: [aDeletion(pieces.pop()!)] },
        context,
      );

      const second = await phone.connect();
      const rest = await second.catchUp({ lastSeq: cursor });
      const held = heldAfter([...seen, ...rest.frames]);
      expect.equal(`what a client holds that was cut off after ${cut} frames`, told(held), log.ends());
      expect.equal("lastSeq", rest.lastSeq, log.head);
    }
  },
});
