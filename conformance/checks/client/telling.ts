import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { notItsWay } from "../../clients/situations.ts";
import * as faulty from "./telling.mutants.ts";

const is = (app: App, wanted: boolean) => async (): Promise<boolean> =>
  ((await app.status()) === "connected") === wanted;

export const withoutASocket = clientCheck({
  id: "CLI-043/without-a-socket",
  name: "by HTTP alone the status is connected once a call was answered, another one while none is, and connected again",
  brokenBy: [faulty.goesByItsSocketAlone, faulty.isConnectedForGood],
  secondMs: 20,
  async run({ open, simulator, waitFor, anEntry }) {
    const app = await open();
    await waitFor("status connected after a pull that was answered", is(app, true));
    simulator.cutNetwork();
    await app.create("logbook_entry", anEntry());
    await waitFor("another status than connected without a network", is(app, false));
    simulator.restoreNetwork();
    await waitFor("status connected when the network is back", is(app, true));
  },
});

export const afterItsSocketWasStopped = clientCheck({
  id: "CLI-043/after-4403",
  name: "a client whose socket was closed with 4403 goes on by HTTP, and its status says so",
  brokenBy: [faulty.disconnectedWithItsSocket, faulty.goesByItsSocketAlone],
  needs: ["realtime"],
  secondMs: 20,
  async run({ open, simulator, waitFor, anEntry }) {
    const app = await open({ realtime: true });
    await waitFor("status connected on a socket that has caught up", is(app, true));
    simulator.socket!.close(4403);
    const from = simulator.requests.length;
    await app.create("logbook_entry", anEntry());
    await waitFor("a call over HTTP that is answered", () =>
      simulator.requests.slice(from).some(({ fate, call }) => fate === "answered" && call !== "status"),
    );
    await waitFor("status connected by HTTP", is(app, true));
  },
});

/** What was under way when it was set goes on, in s. */
const ON_ITS_WAY = 20;

export const whereNothingIsTried = clientCheck({
  id: "CLI-043/auto-sync-never",
  name: "where nothing is tried by itself the status is disconnected, and connected again where it is",
  brokenBy: [faulty.tellsHowTheLastCallWent, faulty.isConnectedForGood],
  needs: ["verb:configure"],
  secondMs: 20,
  async run({ open, simulator, seconds, waitFor }) {
    const app = await open();
    await waitFor("status connected after a pull that was answered", is(app, true));
    if (await app.rejects(app.configure({ autoSync: "never" })))
      notItsWay("the client has no such setting as auto-sync");
    const later = performance.now() + seconds(ON_ITS_WAY);
    const goesOn = (): boolean => simulator.requests.some(({ at }) => at > later);
    const told = await waitFor("status disconnected with auto-sync never", async () => {
      if ((await app.status()) === "disconnected") return "disconnected";
      return goesOn() && "as if nothing were set";
    });
    // Then its status is right; that the setting does nothing is for a check of CLI-046 to say.
    if (told !== "disconnected") notItsWay("the client goes on by itself whatever auto-sync is set to");
    await app.configure({ autoSync: "always" });
    await waitFor("status connected with auto-sync always", is(app, true));
  },
});

/** Metrics of sockets, by their names. */
const COUNTERS = ["connectionsOpened", "connectionsLost", "messagesSent", "messagesReceived"] as const;

async function counted(
  { expect }: ClientContext,
  app: App,
): Promise<Record<(typeof COUNTERS)[number], number>> {
  const { metrics = {} } = await app.report();
  for (const name of COUNTERS)
    expect.ok(
      `the metric ${name} is a number`,
      typeof metrics[name] === "number",
      metrics[name] ?? "missing",
    );
  return metrics as Record<(typeof COUNTERS)[number], number>;
}

export const countersOfSockets = clientCheck({
  id: "CLI-044/sockets",
  name: "the metrics count sockets that opened and were lost, and messages both ways",
  brokenBy: [faulty.hasNamesOfItsOwn, faulty.countsNoLosses],
  needs: ["realtime", "verb:report"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, expect, waitFor } = context;
    const app = await open({ realtime: true });
    await waitFor("status connected on a socket that has caught up", is(app, true));
    const before = await counted(context, app);
    for (const name of ["connectionsOpened", "messagesSent", "messagesReceived"] as const)
      expect.ok(`${name} counts the first socket`, before[name] > 0, before);
    simulator.socket!.cut();
    await waitFor("connectionsLost that counts the socket which broke", async () => {
      const { connectionsLost } = await counted(context, app);
      return connectionsLost > before.connectionsLost;
    });
    await waitFor("connectionsOpened and messages of the next socket", async () => {
      const after = await counted(context, app);
      return (["connectionsOpened", "messagesSent", "messagesReceived"] as const).every(
        (name) => after[name] > before[name],
      );
    });
  },
});

export const settingsAreKept = clientCheck({
  id: "CLI-046/kept-over-a-restart",
  name: "settings are what they were when the client is opened again",
  brokenBy: [faulty.beginsWithItsDefaults],
  needs: ["verb:configure", "verb:report"],
  secondMs: 20,
  async run({ open, expect }) {
    const app = await open();
    const made = { autoSync: "never", notifications: "important" };
    await app.configure(made);
    await app.close();
    const again = await app.reopen({ caughtUp: false });
    const { settings: told = {} } = await again.report();
    for (const [name, value] of Object.entries(made))
      expect.equal(`the setting ${name} after a restart`, told[name] ?? "missing", value);
    await again.configure({ autoSync: "always" });
  },
});
