import { seededRandom } from "../../run/seeded.ts";
import type { Context } from "../context.ts";
import { forget } from "../realtime/connection.ts";
import type { Connection } from "../realtime/connection.ts";
import { hasArrived } from "../turns.ts";
import { variant } from "../variant.ts";

const random = seededRandom("slow", "jitter");

/** Mostly a little, now and then much longer: as a shared machine, or a network with losses. */
const jitterMs = (): number => (random() < 0.02 ? 120 * random() : 6 * random() ** 2);

const jitter = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, jitterMs()));

/** What is on its way to each connection: frames are late, but stay in order. */
const underway = new WeakMap<Connection, Promise<void>>();

function later(connection: Connection, act: () => void): void {
  const before = underway.get(connection) ?? Promise.resolve();
  // A burst travels together.
  const due = random() < 0.2 ? jitter() : Promise.resolve();
  underway.set(connection, before.then(() => due).then(act));
}

export const slow = variant({
  name: "slow-and-jittery",
  story: "A small machine on the other side of the world, with a clock that runs ahead a little.",
  uses: [
    {
      freedom: "how long anything takes, and how requests under way interleave",
      of: ["IDEM-011", "ORD-022"],
    },
    {
      freedom: "acknowledgements, and events on other connections, are not ordered",
      of: ["RT-016", "RT-021"],
    },
    { freedom: "a clock that differs by less than clockSkewMs", of: ["ORD-015"] },
  ],
  clockMs: 1_400,
  options: {
    async turn(context: Context) {
      hasArrived(context);
      await jitter();
    },
  },
  deform: (conforming) => ({
    ...conforming,
    async intercept(context) {
      await jitter();
      return conforming.intercept(context);
    },
    send(context, connection, frame) {
      if (!connection.open) return;
      if (connection.unsent >= conforming.queueLimit(context))
        return conforming.send(context, connection, frame);
      const text = context.behaviour.frameText(context, frame);
      connection.unsent += 1;
      later(connection, () => {
        connection.wire.send(text, () => {
          connection.unsent -= 1;
          if (connection.unsent === 0) for (const wake of connection.onDrained.splice(0)) wake();
        });
      });
    },
    closeSocket(_context, connection, code, reason) {
      if (forget(connection)) later(connection, () => connection.wire.close(code, reason));
    },
  }),
});
