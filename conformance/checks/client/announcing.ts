import { clientCheck } from "../../client-check.ts";
import { comes, expireCursors, hasPulledInFull, lastSeen } from "../../clients/situations.ts";
import { loseRequest, refusal } from "../../simulator/faults.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { CheckFailure } from "../../verdict.ts";
import * as faulty from "./announcing.mutants.ts";

const HEADER = "x-sync-protocol";

/** Every sync call that was seen said which protocol it speaks. Discovery comes before that, and is none. */
function demandAnnouncement({ requests }: Simulator): void {
  const silent = requests.find(
    ({ call, request }) => call !== "discovery" && call !== "other" && request.headers[HEADER] !== "1",
  );
  if (silent === undefined) return;
  const { n, request } = silent;
  throw new CheckFailure(
    `request ${n}, ${request.method} ${request.path}, does not announce the protocol: send the header X-Sync-Protocol: 1 with each`,
    { expected: "1", actual: request.headers[HEADER] ?? "no such header" },
  );
}

export const everyCall = clientCheck({
  id: "CLI-001/every-call",
  name: "every pull and push says X-Sync-Protocol: 1, also when it is sent again, and after a restart",
  secondMs: 20,
  brokenBy: [
    faulty.announcesNothing,
    faulty.announcesWithWritesOnly,
    faulty.announcesTheFirstAttemptOnly,
    faulty.announcesItsOwnVersion,
    faulty.announcesUntilItIsRestarted,
  ],
  async run({ open, simulator, other, anEntry, waitFor }) {
    const app = await open({ caughtUp: false });
    await waitFor("a request", () => simulator.calls("pull", "push", "batch", "status")[0]);
    demandAnnouncement(simulator);
    const told = anEntry();
    await other.push({ entries: [told] });
    // No answer once, and an error that asks for the same again.
    simulator.fault("push", loseRequest);
    simulator.fault("push", refusal("UNAVAILABLE", { retryAfter: 1 }));
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    await waitFor("what another device wrote", () => app.get("logbook_entry", String(told["id"])));
    await app.update("logbook_entry", id, { notes: "edited" });
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    demandAnnouncement(simulator);

    await app.close();
    const mark = lastSeen(simulator);
    expireCursors(simulator);
    const again = await app.reopen({ caughtUp: false });
    await again.create("logbook_entry", anEntry());
    await waitFor(
      "an empty outbox after it was opened again",
      async () => (await again.pendingCount()) === 0,
    );
    await waitFor("a full pull after its cursor had expired", () => hasPulledInFull(simulator, mark));
    demandAnnouncement(simulator);
  },
});

export const statusToo = clientCheck({
  id: "CLI-001/status-too",
  name: "the question for the status, after a handshake that did not open, says X-Sync-Protocol: 1",
  brokenBy: [faulty.asksForStatusBare],
  needs: ["realtime"],
  async run(context) {
    const { open, simulator, inconclusive } = context;
    simulator.failUpgrades("drop", 2);
    await open({ realtime: true, caughtUp: false });
    const asked = (): SeenRequest | undefined => simulator.calls("status")[0];
    if (!(await comes(context, asked, 60)))
      inconclusive("it never asked for the status (CLI-036), so how it does that is not known");
    demandAnnouncement(simulator);
  },
});
