import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import { answerOf, refusal } from "../../simulator/faults.ts";
import type { Fault } from "../../simulator/faults.ts";
import { isWrite, itemsOf } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import { ALWAYS, emptyOutbox, pendingIds } from "../../clients/outbox.ts";
import * as faulty from "./refused-requests.mutants.ts";

/** A refusal with 422, for a reason that nobody knows yet. */
const unprocessable: Fault = {
  do: "answer",
  with: {
    ...answerOf("INVALID_REQUEST"),
    status: 422,
    body: new TextEncoder().encode(
      JSON.stringify({ title: "no", status: 422, code: "NOT_PROCESSABLE", error: "no", type: "about:blank" }),
    ),
  },
};

const idsOf = (seen: SeenRequest): string[] => itemsOf(seen).map(({ id }) => id);

/** Refusals whose key is used again. A client that heard of none, as its time was out, does so after some seconds, and rightly. */
function reusedKeys({ simulator, seconds }: ClientContext, refused: readonly SeenRequest[]): string[] {
  return refused.flatMap((one) =>
    simulator.requests
      .filter((later) => later.n > one.n && later.key !== undefined && later.key === one.key)
      .filter((later) => later.at - one.at < seconds(5))
      .map((later) => `request ${later.n} has the key of request ${one.n}, which was refused`),
  );
}

export const splitsAroundOne = clientCheck({
  id: "CLI-028/one-bad-item-among-many",
  name: "of a push that is refused as a whole with 400, 413 or 422 for one item, that item becomes a dead letter and all others arrive, under new keys",
  brokenBy: [
    faulty.repeatsWhatIsRefused,
    faulty.buriesTheWholeRequest,
    faulty.dropsTheWholeRequest,
    faulty.splitsUnderTheSameKey,
    faulty.triesTheLastOneForEver,
  ],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const bad: string[] = [];
    for (const fault of [refusal("INVALID_REQUEST"), refusal("BODY_TOO_LARGE"), unprocessable]) {
      const begin = simulator.requests.length;
      const ids: string[] = [];
      simulator.cutNetwork();
      for (let n = 0; n < 7; n += 1) ids.push(await app.create("logbook_entry", anEntry()));
      const [poison] = ids.splice(4, 1) as [string];
      bad.push(poison);
      simulator.fault((seen) => isWrite(seen) && idsOf(seen).includes(poison), fault, ALWAYS);
      simulator.restoreNetwork();

      const { status } = (fault as { with: { status: number } }).with;
      const refused = (): SeenRequest[] =>
        simulator.requests
          .slice(begin)
          .filter((seen) => isWrite(seen) && seen.fate === "tampered" && idsOf(seen).includes(poison));
      await waitFor(`${poison}, refused alone with ${status}, a dead letter`, async () => {
        const byKey = new Map(refused().map((seen) => [seen.key ?? seen.n, idsOf(seen).length]));
        const sizes = [...byKey.values()];
        const shrinks = sizes.every((size, index) => index === 0 || size < sizes[index - 1]!);
        expect.ok(
          `each request with ${poison} that follows one refused with ${status} is smaller`,
          shrinks,
          sizes,
        );
        expect.equal("keys that are used again", reusedKeys(context, refused()), []);
        const pending = (await pendingIds(app)).includes(poison);
        if ((await app.deadLetters()).some(({ id }) => id === poison)) return true;
        expect.ok(`${poison}, which was never accepted, is pending, or a dead letter`, pending);
        return false;
      });
      await emptyOutbox(context, app);
      expect.equal("keys that are used again", reusedKeys(context, refused()), []);
      const dead = (await app.deadLetters()).map(({ id }) => id).toSorted();
      expect.equal(`dead letters, after a refusal with ${status} for one of seven`, dead, bad.toSorted());
      const pulled = await other.pullAll();
      for (const id of ids) expect.live(pulled, id);
      expect.ok(`${poison} is visible still`, (await app.get("logbook_entry", poison)) !== undefined);
    }
  },
});

export const splitsToTheLimit = clientCheck({
  id: "CLI-028/more-than-the-server-takes",
  name: "where a server takes fewer items than were sent, all arrive in smaller requests under new keys, and none becomes a dead letter",
  brokenBy: [
    faulty.repeatsWhatIsRefused,
    faulty.buriesTheWholeRequest,
    faulty.splitsUnderTheSameKey,
    faulty.sendsTheFirstHalf,
  ],
  server: { limits: { maxItems: 2 } },
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    simulator.cutNetwork();
    const ids: string[] = [];
    for (let n = 0; n < 9; n += 1) ids.push(await app.create("logbook_entry", anEntry()));
    simulator.restoreNetwork();
    const refused = (): SeenRequest[] =>
      simulator.requests.filter((seen) => isWrite(seen) && seen.told?.status === 413);
    await waitFor("an empty outbox", async () => {
      expect.equal("keys that are used again", reusedKeys(context, refused()), []);
      // As often as a half can be halved, in each part: after that it goes on for ever.
      expect.ok("refused requests are split", refused().length <= 2 * ids.length, refused().map(idsOf));
      return (await app.pendingCount()) === 0;
    });
    expect.equal("dead letters", await app.deadLetters(), []);
    expect.equal("keys that are used again", reusedKeys(context, refused()), []);
    const pulled = await other.pullAll();
    const missing = ids.filter((id) => !pulled.find(id));
    expect.equal("entries that never arrived", missing, []);
  },
});

export const keyReused = clientCheck({
  id: "CLI-028/a-key-that-was-used-before",
  name: "on IDEMPOTENCY_KEY_REUSED the same items go out under a new key",
  brokenBy: [faulty.repeatsWhatIsRefused, faulty.buriesOnAReusedKey, faulty.countsAReusedKeyAsDone],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    simulator.fault(isWrite, refusal("IDEMPOTENCY_KEY_REUSED"), 2);
    const id = await app.create("logbook_entry", anEntry({ notes: "mine" }));
    const refused = (): SeenRequest[] =>
      simulator.requests.filter((seen) => isWrite(seen) && seen.fate === "tampered");
    await waitFor(`${id}, sent again and acknowledged`, async () => {
      expect.equal("keys that are used again", reusedKeys(context, refused()), []);
      expect.equal("dead letters", await app.deadLetters(), []);
      return (await app.pendingCount()) === 0;
    });
    expect.equal("notes that the server has", expect.live(await other.pullAll(), id).item["notes"], "mine");
  },
});
