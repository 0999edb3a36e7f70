import { clientCheck } from "../../client-check.ts";
import { comes, demandNews, demandWhatWasTold, keepsUp, momentsToKill } from "../../clients/situations.ts";
import { loseRequest } from "../../simulator/faults.ts";
import * as faulty from "./cursors-live.mutants.ts";

export const killedAfterAnEvent = clientCheck({
  id: "CLI-010/killed-after-an-event",
  name: "a client that is killed when a live event has come has its row or not its number",
  needs: ["kill", "realtime"],
  secondMs: 20,
  brokenBy: [faulty.storesAnEventsNumberFirst],
  async run(context) {
    const { open, simulator, other, anEntry, pass } = context;
    let app = await open({ realtime: true });
    await keepsUp(context, app);
    // Nor shall a pull, which has a cursor of its own, make good what was lost.
    simulator.fault("pull", loseRequest, Infinity);
    // Sockets of those that were killed may end a moment later.
    let killed = 0;
    const heard = (what: (message: Record<string, unknown>) => boolean): boolean =>
      simulator.sockets.slice(killed).some(({ received }) => received.some(what));
    const ids: string[] = [];
    for (const after of momentsToKill(context, 2)) {
      const entry = anEntry();
      const id = String(entry["id"]);
      ids.push(id);
      await other.push({ entries: [entry] });
      const isTold = (message: Record<string, unknown>): boolean => JSON.stringify(message).includes(id);
      if (!(await comes(context, () => heard(isTold), 40))) break;
      if (after > 0) await pass(after);
      await app.kill();
      killed = simulator.sockets.length;
      app = await app.reopen({ caughtUp: false });
      if (await comes(context, () => heard(endsACatchUp), 40, { patient: true })) continue;
      // One that pulls before it listens does not come so far.
      simulator.heal();
      break;
    }
    await demandNews(context, app);
    await demandWhatWasTold(context, app, ids);
  },
});

const endsACatchUp = (message: Record<string, unknown>): boolean =>
  message["type"] === "SYNC_RESPONSE" && message["clientChangeId"] === undefined;
