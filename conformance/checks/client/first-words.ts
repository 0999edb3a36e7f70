import { clientCheck } from "../../client-check.ts";
import type { SeenSocket } from "../../simulator/socket.ts";
import * as faulty from "./first-words.mutants.ts";

/** The first message other than PING. */
const firstOf = ({ sent }: SeenSocket) => sent.find(({ type }) => type !== "PING");

export const onSockets = clientCheck({
  id: "CLI-001/on-a-socket",
  name: 'the first message on each socket says protocol "1"',
  brokenBy: [faulty.announcesNothingOnSockets, faulty.announcesOnItsFirstSocket],
  needs: ["realtime"],
  secondMs: 20,
  async run({ open, simulator, expect, waitFor }) {
    await open({ realtime: true });
    for (let count = 1; count <= 3; count += 1) {
      const socket = await waitFor(`a message on socket ${count}`, () =>
        simulator.open.find((one) => firstOf(one) !== undefined),
      );
      const { type, protocol } = firstOf(socket)!;
      expect.equal(
        `protocol in ${String(type)}, the first message on socket ${count}`,
        protocol ?? "no such member",
        "1",
      );
      socket.cut();
    }
  },
});
