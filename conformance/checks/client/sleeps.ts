import { clientCheck } from "../../client-check.ts";
import { emptyOutbox } from "../../clients/outbox.ts";
import * as faulty from "./sleeps.mutants.ts";

export const diedInItsSleep = clientCheck({
  id: "CLI-040/died-in-its-sleep",
  name: "a socket that died silently while the client slept is given up 40 seconds after it woke at the latest, and what was missed is there",
  brokenBy: [faulty.leavesItsHeartbeatAsleep, faulty.forgivesAfterASleep],
  needs: ["verb:sleep", "realtime"],
  secondMs: 20,
  lasts: 240,
  async run({ open, simulator, other, anEntry, waitFor }) {
    const app = await open({ realtime: true });
    const dead = simulator.socket!;
    const asleep = app.sleep(60);
    dead.passage = () => [];
    const entry = anEntry();
    await other.push({ entries: [entry] });
    await asleep;
    await waitFor(
      "another socket than the one that died",
      () => simulator.sockets.find((socket) => socket !== dead),
      { seconds: 42 },
    );
    await waitFor("what was written while the client slept, in the app", () =>
      app.get("logbook_entry", String(entry["id"])),
    );
  },
});

export const goesOnAfterASleep = clientCheck({
  id: "CLI-032/goes-on-after-a-sleep",
  name: "a client that slept longer than any back-off lasts sends what waited, without being asked to, when it is awake",
  brokenBy: [faulty.givesUpWhatItSleptThrough],
  needs: ["verb:sleep"],
  secondMs: 20,
  lasts: 200,
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    simulator.cutNetwork();
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("an attempt that failed", () => simulator.writesOf(id)[0]?.seen.endedAt);
    await app.sleep(40);
    simulator.restoreNetwork();
    await emptyOutbox(context, app);
    expect.live(await other.pull(), id);
  },
});

export const onceAfterASleep = clientCheck({
  id: "CLI-047/once-after-a-sleep",
  name: "a client that slept through its back-off holds one connection when it is awake, and has sent once what waited",
  brokenBy: [faulty.dialsForEachThatWasDue],
  needs: ["verb:sleep", "realtime"],
  // So slow that two connections are not told apart by their heartbeat before a slow machine has been waited for.
  secondMs: 150,
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor, pass } = context;
    const app = await open({ realtime: true });
    const sockets = simulator.sockets.length;
    simulator.cutNetwork();
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("an attempt that failed", () => simulator.writesOf(id)[0]?.seen.endedAt);
    const asleep = app.sleep(8);
    await pass(1);
    simulator.restoreNetwork();
    await asleep;
    const isOne = (): boolean => simulator.open.length === 1;
    await waitFor("a socket after the client woke", () => simulator.sockets.length > sockets && isOne(), {
      seconds: 35,
    });
    await emptyOutbox(context, app);
    await pass(2);
    await waitFor("one socket that is open, and no other", isOne, { seconds: 1 });
    const keys = new Set(simulator.writesOf(id).map(({ seen }) => seen.key));
    expect.equal(`keys of the requests that carried ${id}`, keys.size, 1);
    expect.live(await other.pull(), id);
  },
});
