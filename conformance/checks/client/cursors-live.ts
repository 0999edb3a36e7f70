import { clientCheck } from "../../client-check.ts";
import { comes, demandNews, demandWhatWasTold, keepsUp } from "../../clients/situations.ts";
import { loseRequest } from "../../simulator/faults.ts";
import * as faulty from "./cursors-live.mutants.ts";

const KILLS = 4;

export const killedAfterAnEvent = clientCheck({
  id: "CLI-010/killed-after-an-event",
  name: "a client that is killed when a live event has come has its row or not its number",
  needs: ["kill", "realtime"],
  secondMs: 20,
  brokenBy: [faulty.storesAnEventsNumberFirst],
  async run(context) {
    const { open, simulator, other, anEntry, pass, random } = context;
    let app = await open({ realtime: true });
    await keepsUp(context, app);
    // Nor shall a pull, which has a cursor of its own, make good what was lost.
    simulator.fault("pull", loseRequest, Infinity);
    const hasCaughtUp = (): boolean => simulator.open.some(({ received }) => received.some(endsACatchUp));
    const ids: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const entry = anEntry();
      const id = String(entry["id"]);
      ids.push(id);
      await other.push({ entries: [entry] });
      const isTold = (): boolean =>
        simulator.sockets.some(({ received }) =>
          received.some((message) => JSON.stringify(message).includes(id)),
        );
      if (!(await comes(context, isTold, 40))) break;
      // At once, or some milliseconds later.
      if (kill > 0) await pass(random() / 4);
      await app.kill();
      app = await app.reopen({ caughtUp: false });
      if (await comes(context, hasCaughtUp, 40, { patient: true })) continue;
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
