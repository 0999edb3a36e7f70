import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { CloseSocket, Refusal } from "../../model/refusal.ts";

/** Counts the messages of a connection; `instead` is done in place of serving the n-th. */
export const counting =
  (isTooMany: (count: number, context: Context) => boolean, instead: () => void = () => {}) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    async interceptMessage(context, connection) {
      const count = ((connection.memory.get("messages") as number | undefined) ?? 0) + 1;
      connection.memory.set("messages", count);
      if (!isTooMany(count, context)) return false;
      instead();
      return true;
    },
  });

const isBeyond = (count: number, { server }: Context): boolean =>
  count > (server.limits.messageBurst ?? Infinity);

export const dropsBeyondTheBurst = mutant({
  name: "drops-messages-beyond-the-burst",
  story: "The rate limit ignores what is too much, and leaves the socket open.",
  breaks: ["RT-041", "RT-013"],
  deform: counting(isBeyond),
});

export const closesWithAnotherCode = mutant({
  name: "closes-beyond-the-burst-with-another-code",
  story: "The framework's own limiter closes the socket, with its own code.",
  breaks: ["RT-041"],
  deform: counting(isBeyond, () => {
    throw new CloseSocket(1008, "policy violation");
  }),
});

export const closesAtTheEndOfTheBurst = mutant({
  name: "closes-at-the-end-of-the-burst",
  story: "A bucket without a token is an error, and this error closes; nothing ever waits.",
  breaks: ["RT-041"],
  deform: counting(isBeyond, () => {
    throw new CloseSocket(4429, "too many messages");
  }),
});

export const refusesBeyondTheBurst = mutant({
  name: "refuses-messages-beyond-the-burst",
  story: "The limiter of HTTP is put in front of sockets, and answers as it does there.",
  breaks: ["RT-041", "RT-013"],
  deform: counting(isBeyond, () => {
    throw new Refusal("RATE_LIMITED", "too many messages");
  }),
});

export const slowsNobodyDown = mutant({
  name: "slows-nobody-down",
  story: "The limits are in discovery, and in the code that closes; between the two nothing was built.",
  breaks: ["RT-045"],
  deform: (conforming) => ({ ...conforming, async slowDown() {} }),
});

export const slowsDownByHalf = mutant({
  name: "slows-down-every-other-message",
  story:
    "The time for which a message waited refills the bucket, though the message itself took that refill.",
  breaks: ["RT-045"],
  deform: (conforming) => ({
    ...conforming,
    async slowDown(context, connection) {
      await conforming.slowDown(context, connection);
      const { allowance } = connection;
      if (allowance) allowance.tokens = Math.max(0, allowance.tokens);
    },
  }),
});

export const refillsAtOnce = mutant({
  name: "refills-the-burst-at-once",
  story:
    "The bucket is a counter that starts anew whenever it is used up, as its interval was measured in the wrong unit.",
  breaks: ["RT-045"],
  deform: (conforming) => ({
    ...conforming,
    async slowDown(context, connection) {
      if ((connection.allowance?.tokens ?? 1) < 1) connection.allowance = undefined;
      await conforming.slowDown(context, connection);
    },
  }),
});
