import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { refusal } from "../../simulator/faults.ts";
import type { Fault } from "../../simulator/faults.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import * as faulty from "./tokens.mutants.ts";

/** From now on the server finds that this token is good no more, on every call. */
function refuseToken(simulator: Simulator, token: string): void {
  simulator.fault((seen) => seen.token === token, refusal("TOKEN_EXPIRED"), Infinity);
}

const anotherToken = ({ tokens, unique }: ClientContext): Promise<string> =>
  tokens.forge({ claims: { jti: unique("token") } });

/** A client that has its next token connects with it. */
async function connectsWithAnotherToken(context: ClientContext, app: App): Promise<void> {
  const next = await anotherToken(context);
  await app.setToken(next);
  await context.waitFor("a socket with the new token", () =>
    context.simulator.open.some((socket) => socket.token === next),
  );
}

/** Requests that were on their way at the time are no retries. */
const ON_THEIR_WAY = 3;

export const waitsAfter401 = clientCheck({
  id: "CLI-035/waits-after-401",
  name: "after 401 nothing goes out with that token any more, and with the next one everything goes on",
  brokenBy: [
    faulty.triesTheRefusedTokenAgain,
    faulty.asksForTheSameTokenAgain,
    faulty.losesItsWritesAtA401,
    faulty.buriesWhatA401Carried,
    faulty.neverTakesAnotherToken,
  ],
  needs: ["verb:set-token"],
  secondMs: 20,
  lasts: 300,
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor, pass } = context;
    const app = await open();
    const { token } = app.opening;
    refuseToken(simulator, token);
    const from = simulator.requests.length;
    const id = await app.create("logbook_entry", anEntry());
    const told = await waitFor("a request that is answered 401", () =>
      simulator.requests.slice(from).find((seen) => seen.token === token && seen.endedAt !== undefined),
    );
    await pass(90);
    const later = (seen: SeenRequest): boolean => seen.token === token && seen.at > told.endedAt!;
    const retries = simulator.requests.filter(later);
    expect.ok(
      `after request ${told.n} was answered 401 its token is not used again`,
      retries.length <= ON_THEIR_WAY,
      `${retries.length} more requests with it in 90 s: ${retries.map(({ n, call }) => `${n} ${call}`).join(", ")}`,
    );

    await app.setToken(await anotherToken(context));
    await waitFor("an empty outbox with a new token", async () => (await app.pendingCount()) === 0);
    expect.equal("dead letters after 401 and a new token", await app.deadLetters(), []);
    expect.live(await other.pull(), id);
  },
});

export const waitsAfter4401 = clientCheck({
  id: "CLI-035/waits-after-4401",
  name: "after a socket was closed with 4401 no other is opened with that token, and one is with the next",
  brokenBy: [faulty.reconnectsWithTheRefusedToken, faulty.neverComesBackAfter4401],
  needs: ["realtime", "verb:set-token"],
  secondMs: 20,
  lasts: 300,
  async run(context) {
    const { open, simulator, expect, pass } = context;
    const app = await open({ realtime: true });
    const { token } = app.opening;
    const known = simulator.sockets.length;
    simulator.socket!.close(4401);
    await pass(60);
    const retries = simulator.sockets.slice(known).filter((socket) => socket.token === token);
    expect.equal("sockets asked for with the token that 4401 was for", retries.length, 0);

    await connectsWithAnotherToken(context, app);
  },
});

export const asksStatus = clientCheck({
  id: "CLI-036/asks-status-first",
  name: "between a handshake that did not open and the next attempt status is asked, and its answer waited for",
  brokenBy: [faulty.neverAsksStatus, faulty.asksStatusOnce, faulty.asksStatusAndDialsAtOnce],
  needs: ["realtime"],
  secondMs: 20,
  async run({ open, simulator, expect, waitFor, pass }) {
    simulator.failUpgrades("drop", 3);
    const slowly: Fault = {
      do: "delay-answer",
      get until() {
        return pass(3);
      },
    };
    simulator.fault("status", slowly, Infinity);
    await open({ realtime: true });
    const attempts = simulator.sockets;
    await waitFor("a socket after three handshakes that failed", () => attempts.length >= 4);
    for (const [index, next] of attempts.slice(1, 4).entries()) {
      const asked = simulator
        .calls("status")
        .filter(({ at, endedAt }) => at > attempts[index]!.at && (endedAt ?? Infinity) <= next.at);
      expect.ok(
        `after handshake ${index + 1}, which did not open, /api/sync/status is asked and answers before the next one`,
        asked.length > 0,
        `no answer of /api/sync/status between handshakes ${index + 1} and ${index + 2}`,
      );
    }
  },
});

export const statusSays401 = clientCheck({
  id: "CLI-036/status-says-401",
  name: "where no socket opens and status says 401, a new token is waited for",
  brokenBy: [faulty.dialsWhateverStatusSays, faulty.asksStatusAndDialsAtOnce, faulty.neverAsksStatus],
  needs: ["realtime", "verb:set-token"],
  secondMs: 20,
  lasts: 300,
  async run(context) {
    const { open, simulator, expect, pass } = context;
    const app = await open({ realtime: true });
    const { token } = app.opening;
    simulator.fault(
      (seen) => seen.call === "status" && seen.token === token,
      refusal("TOKEN_EXPIRED"),
      Infinity,
    );
    simulator.failUpgrades("drop", 1_000);
    const known = simulator.sockets.length;
    simulator.socket!.cut();
    await pass(90);
    const asked = simulator.sockets.slice(known).filter((socket) => socket.token === token);
    expect.ok(
      "one handshake that does not open, 401 of /api/sync/status, and no other with that token",
      asked.length <= 1,
      `${asked.length} handshakes with it in 90 s`,
    );
    simulator.heal();
    await connectsWithAnotherToken(context, app);
  },
});
