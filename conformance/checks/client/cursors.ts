import { clientCheck } from "../../client-check.ts";
import type { ClientCheck, ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import {
  comes,
  demandNews,
  demandWhatWasTold,
  keepsUp,
  lastSeen,
  momentsToKill,
  pagesTold,
  withoutPulls,
} from "../../clients/situations.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import { loseRequest } from "../../simulator/faults.ts";
import type { SeenSocket } from "../../simulator/socket.ts";
import { settled } from "../../clients/outbox.ts";
import { sinceOf } from "../../simulator/seen.ts";
import * as faulty from "./cursors.mutants.ts";

/** Each cursor that the client pulled with was given to it by a pull. */
function demandCursorsOfPulls({ simulator, expect }: ClientContext): void {
  const pages = pagesTold(simulator);
  for (const seen of simulator.calls("pull")) {
    const since = sinceOf(seen);
    if (since === undefined) continue;
    const given = pages.some(({ seen: told, body }) => told.endedAt! <= seen.at && body.syncToken === since);
    expect.ok(
      `the cursor of pull ${seen.n} is one that a pull gave: a push, a batch or a status says where the server is, not what this client has`,
      given,
      since,
    );
  }
}

/** Another device's entry that no pull and no socket has told the client. */
async function anEntryUnheard({ other, anEntry }: ClientContext): Promise<{ id: string; seq: number }> {
  const entry = anEntry();
  const { body } = await other.push({ entries: [entry] });
  return { id: String(entry["id"]), seq: body.results[0]!.meta!.seq };
}

export const notByAPush = clientCheck({
  id: "CLI-010/not-by-a-push",
  name: "the syncToken of a push moves no cursor: what another device wrote before it still comes",
  secondMs: 20,
  brokenBy: [faulty.takesThePushsToken],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open();
    const bringBack = withoutPulls(simulator);
    const { id } = await anEntryUnheard(context);
    await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    bringBack();
    const mark = lastSeen(simulator);
    await waitFor("a pull", () => pagesTold(simulator, mark)[0]);
    demandCursorsOfPulls(context);
    await waitFor(`${id}, which another device wrote before the push, in the list`, () =>
      app.get("logbook_entry", id),
    );
  },
});

export const notByAStatus = clientCheck({
  id: "CLI-010/not-by-a-status",
  name: "the syncToken of a status moves no cursor",
  needs: ["realtime"],
  secondMs: 10,
  brokenBy: [faulty.takesTheStatusToken],
  async run(context) {
    const { open, simulator, waitFor } = context;
    const app = await open({ realtime: true });
    const bringBack = simulator.fault("pull", loseRequest, Infinity);
    // Sockets stay away, so that a pull has to bring what another device writes.
    simulator.failUpgrades("drop", Infinity);
    simulator.socket!.cut();
    const { id } = await anEntryUnheard(context);
    await comes(context, () => simulator.calls("status").some(({ told }) => told), 40);
    bringBack();
    const mark = lastSeen(simulator);
    await waitFor("a pull", () => pagesTold(simulator, mark)[0], { seconds: 90 });
    demandCursorsOfPulls(context);
    await waitFor(`${id} in the list`, () => app.get("logbook_entry", id));
  },
});

/** The place from which a new socket's catch-up is asked for is before what the client has not been told. */
async function demandCatchUpFromBefore(
  context: ClientContext,
  app: App,
  { unheard, sockets, pages }: { unheard: { id: string; seq: number }; sockets: number; pages: number },
): Promise<void> {
  const { simulator, expect, waitFor } = context;
  const requestOf = ({ sent }: SeenSocket) => sent.find(({ type }) => type === "SYNC_REQUEST");
  const request = await waitFor(
    "a SYNC_REQUEST on the next socket",
    () => simulator.sockets.slice(sockets).map(requestOf).find(Boolean),
    { seconds: 90 },
  );
  if (pagesTold(simulator).length === pages) {
    const { lastSeq } = request;
    expect.ok(
      `lastSeq of the catch-up, if there is one, is less than ${unheard.seq}, the seq of ${unheard.id}, of which the client has heard nothing: an acknowledgement says nothing of what is before it`,
      typeof lastSeq !== "number" || lastSeq < unheard.seq,
      lastSeq ?? "absent",
    );
  }
  await waitFor(`${unheard.id} in the list`, () => app.get("logbook_entry", unheard.id));
}

export const notByAnAcknowledgement = clientCheck({
  id: "CLI-010/not-by-an-acknowledgement",
  name: "the seq of its own write, which a push answered, is not where the next catch-up begins",
  needs: ["realtime"],
  secondMs: 20,
  brokenBy: [faulty.takesTheSeqOfItsAcknowledgement],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open({ realtime: true });
    const pages = pagesTold(simulator).length;
    const bringBack = withoutPulls(simulator);
    simulator.failUpgrades("drop", Infinity);
    simulator.socket!.cut();
    const unheard = await anEntryUnheard(context);
    await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    simulator.heal();
    // A fault for pulls again: it was healed as well.
    const stillNot = withoutPulls(simulator);
    const sockets = simulator.sockets.length;
    await demandCatchUpFromBefore(context, app, { unheard, sockets, pages });
    bringBack();
    stillNot();
  },
});

export const notByAnAcknowledgementOnASocket = clientCheck({
  id: "CLI-010/not-by-an-acknowledgement-on-a-socket",
  name: "the seq in an acknowledgement on a socket is not where the next catch-up begins",
  needs: ["realtime", "socketMutations"],
  secondMs: 20,
  brokenBy: [faulty.takesTheSeqOfItsAcknowledgement],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open({ realtime: true });
    const pages = pagesTold(simulator).length;
    withoutPulls(simulator);
    const socket = simulator.socket!;
    // The server tells the own write first, as it may without lastSeq, and the connection breaks before the rest.
    socket.passage = (frame) => {
      const { lastSeq: _lastSeq, ...told } = frame;
      return told["type"] === "SYNC_RESPONSE" && "clientChangeId" in told ? [told] : [];
    };
    const unheard = await anEntryUnheard(context);
    await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    const sockets = simulator.sockets.length;
    socket.cut();
    await demandCatchUpFromBefore(context, app, { unheard, sockets, pages });
  },
});

/** Killed as soon as it was told something: what its cursor claims then is there. */
function killedWhenTold(
  { slug, name, realtime }: { slug: string; name: string; realtime: boolean },
  brokenBy: readonly ClientMutant[],
): ClientCheck {
  return clientCheck({
    id: `CLI-010/${slug}`,
    name,
    needs: realtime ? ["kill", "realtime"] : ["kill"],
    secondMs: 20,
    brokenBy,
    async run(context) {
      const { open, simulator, waitFor, pass } = context;
      let app = await open({ realtime });
      await demandNews(context, app);
      const ids: string[] = [];
      let letThrough = (): void => {};
      const moments = momentsToKill(context, 1);
      for (const [index, after] of moments.entries()) {
        await app.kill();
        // A socket of the one that was killed may end a moment later.
        const killed = simulator.sockets.length;
        const { id } = await anEntryUnheard(context);
        ids.push(id);
        const isTold = (): boolean =>
          realtime
            ? simulator.sockets
                .slice(killed)
                .some(({ received }) => received.some((message) => JSON.stringify(message).includes(id)))
            : pagesTold(simulator).some(({ body }) => body.entries.some((entry) => entry["id"] === id));
        // Its sockets shall tell it, and no pull beside them.
        if (realtime) letThrough = withoutPulls(simulator);
        app = await app.reopen({ caughtUp: false });
        await waitFor(`${id}, told`, isTold);
        if (after > 0) await pass(after);
        await app.kill();
        letThrough();
        if (realtime) letThrough = withoutPulls(simulator);
        app = await app.reopen();
        if (index < moments.length - 1) letThrough();
      }
      // Nor shall a pull make good in the end what was lost.
      if (realtime) simulator.fault("pull", loseRequest, Infinity);
      // One that pulls before it listens hears no more.
      await keepsUp(context, app);
      // What was live comes before the catch-up that was under way has been taken in.
      await demandWhatWasTold(context, app, ids);
    },
  });
}

export const killedAfterAPage = killedWhenTold(
  {
    slug: "killed-after-a-page",
    name: "a client that is killed when a page has come has its rows or not its cursor",
    realtime: false,
  },
  [faulty.storesTheCursorFirst],
);

export const killedAfterAChunk = killedWhenTold(
  {
    slug: "killed-after-a-chunk",
    name: "a client that is killed when a chunk has come has its rows or not its number",
    realtime: true,
  },
  [faulty.storesAChunksNumberFirst],
);
