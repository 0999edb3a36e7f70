import { mutant } from "../../model/mutant.ts";

export const epochPerAnswer = mutant({
  name: "epoch-per-answer",
  story: "The epoch is a random id that the answer's constructor makes.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.server.requests}`,
  }),
});

export const epochPerDevice = mutant({
  name: "epoch-per-device",
  story: "The epoch is stored with the device's session.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.behaviour.deviceOf(context) ?? ""}`,
  }),
});

export const epochMovesWithWrites = mutant({
  name: "epoch-moves-with-writes",
  story: "The epoch was taken for a hash of the data.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.user.head}`,
  }),
});

export const epochPerProcess = mutant({
  name: "epoch-per-process",
  story: "The epoch is made at start and kept in memory.",
  breaks: ["PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    tellEpoch: (context) => `${conforming.tellEpoch(context)}-${context.server.life}`,
  }),
});

export const tokensDieWithTheProcess = mutant({
  name: "tokens-die-with-the-process",
  story: "The key that signs tokens is drawn at start.",
  breaks: ["PULL-004", "PULL-008"],
  deform: (conforming) => ({
    ...conforming,
    cursorMac: (context, payload) => conforming.cursorMac(context, `${context.server.life} ${payload}`),
  }),
});
