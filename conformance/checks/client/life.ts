import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { loseRequest } from "../../simulator/faults.ts";
import { isWrite } from "../../simulator/seen.ts";
import * as faulty from "./life.mutants.ts";

export const status = clientCheck({
  id: "CLI-043/status",
  name: "the status is connected with a socket that has caught up, another one without a network, and connected again",
  brokenBy: [faulty.isAlwaysConnected, faulty.isNeverConnected, faulty.staysDisconnected],
  needs: ["realtime"],
  secondMs: 20,
  async run({ open, simulator, waitFor }) {
    const app = await open({ realtime: true });
    const is = (wanted: boolean) => async (): Promise<boolean> =>
      ((await app.status()) === "connected") === wanted;
    await waitFor("status connected on a socket that has caught up", is(true));
    simulator.cutNetwork();
    await waitFor("another status than connected without a network", is(false));
    simulator.restoreNetwork();
    await waitFor("status connected when the network is back", is(true));
  },
});

export const pending = clientCheck({
  id: "CLI-043/pending",
  name: "what waits is told with its number: without a network, while its answer is out, and not any more after it",
  brokenBy: [faulty.countsNotWhatIsOnItsWay, faulty.countsWhatItCountedFirst],
  secondMs: 20,
  async run({ open, simulator, expect, aGoal, anEntry, waitFor }) {
    const app = await open();
    simulator.cutNetwork();
    const ids = [
      await app.create("goal", aGoal()),
      await app.create("goal", aGoal()),
      await app.create("logbook_entry", anEntry()),
    ].toSorted();
    const told = async (when: string): Promise<void> => {
      const items = (await app.pending()).map(({ id }) => id).toSorted();
      expect.equal(`pending ${when}`, items, ids);
      expect.equal(`number of pending items ${when}`, await app.pendingCount(), ids.length);
    };
    await told("without a network");

    let answer = (): void => {};
    const until = new Promise<void>((resolve) => (answer = resolve));
    simulator.fault(isWrite, { do: "delay-answer", until }, Infinity);
    simulator.restoreNetwork();
    await waitFor("a push", () => simulator.requests.some((seen) => isWrite(seen) && seen.fate === "held"));
    await told("while no answer has come");
    simulator.heal();
    answer();
    await waitFor("an outbox without items", async () => (await app.pending()).length === 0);
    expect.equal("number of pending items after all were acknowledged", await app.pendingCount(), 0);
  },
});

export const deadLetters = clientCheck({
  id: "CLI-043/dead-letters",
  name: "what the server refused for good is told, every item of it",
  brokenBy: [faulty.showsNoDeadLetters, faulty.showsTheLatestDeadLetter],
  secondMs: 20,
  async run({ open, expect, refuse, aGoal, unique, waitFor }) {
    const app = await open();
    const ids = [unique("goal"), unique("goal"), unique("goal")];
    refuse(ids[0]!, "INVALID_ITEM");
    refuse(ids[2]!, "INVALID_ITEM");
    for (const id of ids) await app.create("goal", aGoal({ id }));
    const dead = async (): Promise<string[]> => (await app.deadLetters()).map(({ id }) => id);
    // Whether a dead letter is pending, too, is the client's own affair.
    await waitFor("an outbox of dead letters at most", async () => {
      const letters = await dead();
      return (await app.pending()).every(({ id }) => letters.includes(id));
    });
    expect.equal("dead letters", (await dead()).toSorted(), [ids[0]!, ids[2]!].toSorted());
  },
});

type Metrics = Record<string, unknown>;

async function metricsOf(app: App): Promise<Metrics> {
  return (await app.report()).metrics ?? {};
}

function numberOf(expect: ClientContext["expect"], metrics: Metrics, name: string): number {
  const value = metrics[name];
  expect.ok(`the metric ${name} is a number`, typeof value === "number", value ?? "missing");
  return value as number;
}

export const metrics = clientCheck({
  id: "CLI-044/metrics",
  name: "the metrics count syncs that succeeded and syncs that failed, and tell what waits",
  brokenBy: [faulty.countsAttemptsAsSuccesses, faulty.forgetsToCountSyncs, faulty.hasNoQueueSize],
  needs: ["verb:report"],
  secondMs: 20,
  async run({ open, simulator, expect, anEntry, aGoal, waitFor }) {
    const app = await open();
    const read = async (name: string): Promise<number> => numberOf(expect, await metricsOf(app), name);
    await waitFor("a sync that was counted", async () => (await read("successfulSyncs")) > 0);
    const before = await metricsOf(app);
    const [total, failed] = [numberOf(expect, before, "totalSyncs"), numberOf(expect, before, "failedSyncs")];
    expect.ok("totalSyncs counts the first sync", total > 0, total);
    expect.ok("averageLatency is not negative", numberOf(expect, before, "averageLatency") >= 0, before);
    expect.ok("lastSyncTime is told after a sync", (before["lastSyncTime"] ?? null) !== null, before);
    numberOf(expect, before, "conflicts");

    const lost = simulator.fault(isWrite, loseRequest, Infinity);
    await app.create("logbook_entry", anEntry());
    await app.create("goal", aGoal());
    await waitFor("two pushes that got no answer", () => simulator.calls("push", "batch").length >= 2);
    await waitFor("failedSyncs that counts them", async () => (await read("failedSyncs")) > failed);
    expect.equal("queueSize with two writes that wait", await read("queueSize"), 2);
    lost();
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    await waitFor("queueSize without writes", async () => (await read("queueSize")) === 0);
    const after = await metricsOf(app);
    expect.ok(
      "totalSyncs is at least the sum of those that succeeded and those that failed",
      numberOf(expect, after, "totalSyncs") >=
        numberOf(expect, after, "successfulSyncs") + numberOf(expect, after, "failedSyncs"),
      after,
    );
  },
});

/** CLI-045. */
function healthOf(total: number, successful: number): string {
  const rate = total === 0 ? 1 : successful / total;
  return rate > 0.95 ? "healthy" : rate > 0.8 ? "degraded" : "unhealthy";
}

export const health = clientCheck({
  id: "CLI-045/health",
  name: "health follows the rate of syncs that succeeded, from healthy to unhealthy and back",
  brokenBy: [faulty.isAlwaysHealthy, faulty.isHealthyOrNot, faulty.isDegradedAtWorst],
  needs: ["verb:report"],
  secondMs: 8,
  lasts: 600,
  async run({ open, simulator, expect, anEntry, waitFor, inconclusive }) {
    const app = await open();
    const look = async (): Promise<string> => {
      const { metrics: all = {}, health: says } = await app.report();
      const [total, successful] = [all["totalSyncs"], all["successfulSyncs"]];
      if (typeof total !== "number" || typeof successful !== "number")
        inconclusive(
          "the client does not tell totalSyncs and successfulSyncs, which its health follows from",
        );
      const right = healthOf(Number(total), Number(successful));
      expect.equal(`health after ${successful} of ${total} syncs succeeded`, says ?? "missing", right);
      return right;
    };
    // On its way there the rate is between the two for a while, and not all may have gone well before.
    const untilHealthy = async (): Promise<void> => {
      for (let syncs = 0; syncs < 300 && (await look()) !== "healthy"; syncs += 1) {
        await app.create("logbook_entry", anEntry());
        await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
      }
    };
    await untilHealthy();
    // Of pulls as well: those that succeed meanwhile would make it take longer, the more there were before.
    const lost = simulator.fault(() => true, loseRequest, Infinity);
    await app.create("logbook_entry", anEntry());
    await waitFor(
      "health unhealthy after calls that got no answer",
      async () => (await look()) === "unhealthy",
      { seconds: 300 },
    );
    lost();
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    await untilHealthy();
  },
});

export const settings = clientCheck({
  id: "CLI-046/settings",
  name: "settings are told as they were made, and one is changed without the others",
  brokenBy: [faulty.forgetsSettings, faulty.resetsTheOtherSettings],
  needs: ["verb:configure", "verb:report"],
  secondMs: 20,
  async run({ open, expect }) {
    const app = await open();
    const made: Record<string, boolean | string> = {};
    // A client that was opened for HTTP alone may say that realtime is off, whatever it is set to.
    const changes: JsonObject[] = [
      { autoSync: "wifi-only" },
      { notifications: "important" },
      { autoSync: "never", notifications: "none" },
      { autoSync: "always" },
      { notifications: "all" },
    ];
    for (const change of changes) {
      await app.configure(change);
      Object.assign(made, change);
      const { settings: told = {} } = await app.report();
      for (const [name, value] of Object.entries(made))
        expect.equal(`the setting ${name} after ${JSON.stringify(change)}`, told[name] ?? "missing", value);
    }
  },
});

export const autoSyncNever = clientCheck({
  id: "CLI-046/auto-sync-never",
  name: "with auto-sync never nothing is sent or pulled by itself, and everything is with always",
  brokenBy: [faulty.syncsThoughNever, faulty.forgetsSettings],
  needs: ["verb:configure"],
  secondMs: 8,
  async run({ open, simulator, expect, anEntry, waitFor, pass }) {
    const app = await open();
    await app.configure({ autoSync: "never" });
    // What was on its way goes on.
    await pass(20);
    const from = simulator.requests.length;
    const id = await app.create("logbook_entry", anEntry());
    await pass(65);
    expect.equal(
      "requests in a minute with auto-sync never",
      simulator.requests.slice(from).map(({ call }) => call),
      [],
    );
    await app.configure({ autoSync: "always" });
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    expect.ok("the write was sent", simulator.writesOf(id).length > 0);
  },
});

export const realtimeOff = clientCheck({
  id: "CLI-046/realtime-off",
  name: "with realtime off there is no socket, and there is one when it is on again",
  brokenBy: [faulty.keepsItsSocketThoughOff, faulty.forgetsSettings],
  needs: ["verb:configure", "realtime"],
  secondMs: 8,
  async run({ open, simulator, expect, waitFor, pass }) {
    const app = await open({ realtime: true });
    await app.configure({ realtime: false });
    await waitFor("no open socket with realtime off", () => simulator.open.length === 0);
    await pass(65);
    expect.equal("sockets a minute later", simulator.open.length, 0);
    await app.configure({ realtime: true });
    await waitFor("a socket with realtime on", () => simulator.open.length === 1);
  },
});

/** What was sent before close may still arrive. */
const ON_ITS_WAY = 20;

export const nothingAfterClose = clientCheck({
  id: "CLI-047/nothing-after-close",
  name: "after close nothing is sent, polled or tried again, and what waited is sent after the next start",
  brokenBy: [faulty.goesOnAfterClose, faulty.losesWhatWaitsAtClose],
  secondMs: 10,
  async run({ open, simulator, other, expect, anEntry, waitFor, pass }) {
    const app = await open();
    // With something to try again, and something to poll.
    const lost = simulator.fault(isWrite, loseRequest, Infinity);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("an attempt that got no answer", () => simulator.writesOf(id)[0]?.seen.endedAt);
    await app.close();
    await pass(ON_ITS_WAY);
    const from = simulator.requests.length;
    await pass(65);
    expect.equal(
      `requests later than ${ON_ITS_WAY} s after close`,
      simulator.requests.slice(from).map(({ n, call }) => `${n} ${call}`),
      [],
    );
    lost();
    const again = await app.reopen();
    await waitFor("an empty outbox", async () => (await again.pendingCount()) === 0);
    expect.live(await other.pull(), id);
  },
});

export const noSocketAfterClose = clientCheck({
  id: "CLI-047/no-socket-after-close",
  name: "close ends the socket, and no other is opened",
  brokenBy: [faulty.leavesItsSocketOpen, faulty.goesOnAfterClose],
  needs: ["realtime"],
  secondMs: 10,
  async run({ open, simulator, expect, waitFor, pass }) {
    const app = await open({ realtime: true });
    await app.close();
    await waitFor("the end of the socket", () => simulator.open.length === 0);
    await pass(ON_ITS_WAY);
    const [sockets, requests] = [simulator.sockets.length, simulator.requests.length];
    await pass(50);
    expect.equal(`sockets opened later than ${ON_ITS_WAY} s after close`, simulator.sockets.length, sockets);
    expect.equal("sockets that are open a minute after close", simulator.open.length, 0);
    expect.equal(`requests later than ${ON_ITS_WAY} s after close`, simulator.requests.length, requests);
  },
});
