import { clientCheck } from "../../client-check.ts";
import * as faulty from "./refused-on-a-socket.mutants.ts";

/** Requests that were on their way at the time. */
const ON_THEIR_WAY = 3;

export const overHttp = clientCheck({
  id: "CLI-035/http-after-4401",
  name: "a token that 4401 was for is not used over HTTP either, and with the next one what waited goes out",
  brokenBy: [faulty.keepsTheTokenForHttp],
  needs: ["realtime", "verb:set-token"],
  secondMs: 20,
  async run({ open, simulator, other, tokens, expect, anEntry, unique, waitFor, pass }) {
    const app = await open({ realtime: true });
    const { token } = app.opening;
    simulator.socket!.close(4401);
    await waitFor("the end of the socket", () => simulator.open.length === 0);
    const from = simulator.requests.length;
    const id = await app.create("logbook_entry", anEntry());
    await pass(70);
    const used = simulator.requests.slice(from).filter((seen) => seen.token === token);
    expect.ok(
      "after 4401 the socket's token is not used over HTTP",
      used.length <= ON_THEIR_WAY,
      `${used.length} requests with it in 70 s: ${used.map(({ n, call }) => `${n} ${call}`).join(", ")}`,
    );
    await app.setToken(await tokens.forge({ claims: { jti: unique("token") } }));
    await waitFor("an empty outbox with a new token", async () => (await app.pendingCount()) === 0);
    expect.live(await other.pull(), id);
  },
});
