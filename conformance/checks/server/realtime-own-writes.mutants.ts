import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import { acksCarryTheirSeq } from "./realtime-order.mutants.ts";

export { acksCarryTheirSeq };

export const acksCarryTheHead = mutant({
  name: "acknowledgements-carry-the-head",
  story: "lastSeq of an acknowledgement is the log's head at that time, whatever this socket was told.",
  breaks: ["RT-022", "RT-024"],
  deform: (conforming) => ({
    ...conforming,
    ackLastSeq: ({ user }, { watermark }) => (watermark === null ? undefined : user.head),
  }),
});

/** A walk that waits for no reader: all that it takes is a look at the store for each chunk, as each write takes one. */
const quick =
  (deform: (conforming: Behaviour) => Behaviour) =>
  (conforming: Behaviour): Behaviour =>
    deform({ ...conforming, beforeChunk: (context) => context.server.turn(context) });

export const quickAndAcksCarryTheHead = mutant({
  name: "acknowledgements-carry-the-head-amid-a-quick-catch-up",
  story:
    "The same on a server whose walk is all but done when the first change comes in, so that tests on small logs never met it.",
  breaks: ["RT-022", "RT-024"],
  deform: quick(acksCarryTheHead.deform),
});

export const quickAndAcksCarryTheirSeq = mutant({
  name: "acknowledgements-carry-the-seq-of-their-change-amid-a-quick-catch-up",
  story:
    "meta.seq is copied into lastSeq, on a server that catches up within milliseconds and waits for no reader.",
  breaks: ["RT-022", "RT-024"],
  deform: quick(acksCarryTheirSeq.deform),
});
