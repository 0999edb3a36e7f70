import { mutant } from "../../model/mutant.ts";
import { CloseSocket } from "../../model/refusal.ts";

export const decodesEachFragment = mutant({
  name: "decodes-each-fragment",
  story: "Fragments are decoded as they come, to join texts, and a character is cut at their edge.",
  breaks: ["RT-008", "RT-009"],
  deform: (conforming) => ({
    ...conforming,
    checkFraming(context, incoming) {
      conforming.checkFraming(context, incoming);
      for (const fragment of incoming.fragments ?? []) {
        try {
          new TextDecoder("utf-8", { fatal: true }).decode(fragment);
        } catch {
          throw new CloseSocket(1007, "a text frame must be UTF-8");
        }
      }
    },
  }),
});

export const readsTheFirstFragment = mutant({
  name: "reads-the-first-fragment",
  story: "A frame is taken for a message: FIN is not looked at.",
  breaks: ["RT-008", "RT-009"],
  deform: (conforming) => ({
    ...conforming,
    readMessage: (context, incoming) =>
      conforming.readMessage(context, { ...incoming, bytes: incoming.fragments?.[0] ?? incoming.bytes }),
  }),
});

export const losesEmptyFragments = mutant({
  name: "ends-a-message-at-an-empty-fragment",
  story: "A fragment without bytes is taken for the end of the stream.",
  breaks: ["RT-008", "RT-009"],
  deform: (conforming) => ({
    ...conforming,
    readMessage(context, incoming) {
      const { fragments = [] } = incoming;
      const end = fragments.findIndex(({ length }) => length === 0);
      if (end === -1) return conforming.readMessage(context, incoming);
      const bytes = new Uint8Array(Buffer.concat(fragments.slice(0, end)));
      return conforming.readMessage(context, { ...incoming, bytes });
    },
  }),
});

export const measuresEachFragment = mutant({
  name: "measures-each-fragment",
  story: "The limit stands in the header's code, where each fragment has a length of its own.",
  breaks: ["RT-007"],
  deform: (conforming) => ({
    ...conforming,
    checkFraming(context, incoming) {
      for (const bytes of incoming.fragments ?? [incoming.bytes])
        conforming.checkFraming(context, { ...incoming, bytes });
    },
  }),
});

export const closesFragmentsAsBroken = mutant({
  name: "closes-on-fragments-that-are-too-long-with-1002",
  story: "A message that grows too long while it is put together ends in the handler of broken frames.",
  breaks: ["RT-007"],
  deform: (conforming) => ({
    ...conforming,
    checkFraming(context, incoming) {
      const isLong = incoming.bytes.length > conforming.messageLimit(context);
      if (incoming.fragments !== undefined && isLong) throw new CloseSocket(1002, "protocol error");
      conforming.checkFraming(context, incoming);
    },
  }),
});
