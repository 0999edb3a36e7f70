import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import {
  ALWAYS,
  distinctWrites,
  emptyOutbox,
  faultWrites,
  has,
  hearsAnother,
  pendingIds,
} from "../../clients/outbox.ts";
import { withEachSocket } from "../../clients/attempts.ts";
import { alterJson } from "../../simulator/faults.ts";
import * as faulty from "./not-known.mutants.ts";

/** What a later app might keep with an entity. */
const LATER = {
  moonPhase: "waxing",
  sensors: { pulse: [61, 64.5], worn: true, on: { wrist: "left" } },
  "": "",
};

export const keepsMembers = clientCheck({
  id: "CLI-052/members-of-a-later-app",
  name: "an edit leaves members that the client does not know as they were, nested ones too, also after a restart",
  brokenBy: [faulty.sendsWhatItsFormKnows, faulty.storesWhatItsTableHas, faulty.keepsUnknownMembersInMemory],
  secondMs: 20,
  async run(context) {
    const { open, other, expect, anEntry, aGoal, at } = context;
    const entry = anEntry({ notes: "before", updatedAt: at(-60_000), ...LATER });
    const goal = aGoal({ title: "before", updatedAt: at(-60_000), ...LATER });
    await other.push({ entries: [entry], goals: [goal] });
    let app = await open();
    const kept = async (when: string, says: string): Promise<void> => {
      await emptyOutbox(context, app);
      const pulled = await other.pullAll();
      for (const [id, member] of [
        [entry["id"], "notes"],
        [goal["id"], "title"],
      ] as const) {
        const { item } = expect.live(pulled, String(id));
        expect.equal(`${member} of ${String(id)} ${when}`, item[member], says);
        for (const [name, value] of Object.entries(LATER))
          expect.equal(
            `the member "${name}" of ${String(id)}, which the edit did not touch, ${when}`,
            item[name],
            value,
          );
      }
    };
    const edits = async (says: string): Promise<void> => {
      await has(context, app, "logbook_entry", entry["id"]);
      await has(context, app, "goal", goal["id"]);
      await app.update("goal", String(goal["id"]), { title: says });
      await app.update("logbook_entry", String(entry["id"]), { notes: says });
    };
    await edits("after");
    await kept("after an edit", "after");
    await app.close();
    app = await app.reopen();
    await edits("after a restart");
    await kept("after a restart and an edit", "after a restart");
  },
});

export const unknownTypes = clientCheck({
  id: "CLI-041/unknown-types-in-a-pull",
  name: "items and deletions of types that the client does not know are passed over, and the rest of the page is taken in",
  brokenBy: [faulty.readsTypesStrictly, faulty.skipsPagesWithUnknownTypes],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, at } = context;
    const meta = (entityId: string, seq: number, deletedAt: string | null): JsonObject => ({
      entityType: "metronome_setting",
      entityId,
      version: 1,
      seq,
      updatedAt: at(-90_000),
      deletedAt,
      checksum: deletedAt === null ? "ab".repeat(32) : "",
    });
    simulator.fault(
      "pull",
      alterJson((page) => ({
        ...page,
        metronomeSettings: [{ id: "m1", beats: 7, updatedAt: at(-90_000) }],
        meta: { ...(page["meta"] as JsonObject), metronomeSettings: [meta("m1", 1, null)] },
        deleted: [meta("m2", 1, at(-90_000)), ...(page["deleted"] as JsonObject[])],
      })),
      ALWAYS,
    );
    const known = anEntry({ notes: "known" });
    await other.push({ entries: [known] });
    const app = await open({ caughtUp: false });
    await has(context, app, "logbook_entry", known["id"]);
    await hearsAnother(context, app);
    await other.push({ entries: [context.aDeletion(known)] });
    await hearsAnother(context, app);
    const left = await app.get("logbook_entry", String(known["id"]));
    expect.ok(
      `${String(known["id"])} is gone, as the page says beside an unknown type`,
      left === undefined,
      left,
    );
  },
});

export const unknownTypesOnASocket = clientCheck({
  id: "CLI-041/unknown-types-on-a-socket",
  name: "events and chunks with entities of types that the client does not know are passed over, and the socket stays",
  brokenBy: [faulty.endsASocketThatIsStrange, faulty.dropsChunksWithUnknownTypes],
  needs: ["realtime"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, aDeletion, waitFor, at } = context;
    const [known, gone] = [anEntry(), anEntry()];
    await other.push({ entries: [gone] });
    const app = await open({ realtime: true });
    await has(context, app, "logbook_entry", gone["id"]);
    const meta = {
      entityType: "metronome_setting",
      entityId: "m1",
      version: 1,
      seq: 1,
      updatedAt: at(-90_000),
      deletedAt: at(-90_000),
      checksum: "",
    };
    // The catch-up of the next socket has a deletion of such a type in each of its chunks.
    const stop = withEachSocket(simulator, (socket) => {
      socket.passage = (frame) =>
        frame["type"] === "BULK_SYNC" ? [{ ...frame, deleted: [meta, ...deletedIn(frame)] }] : [frame];
    });
    simulator.cutNetwork();
    await other.push({ entries: [known] });
    await other.push({ entries: [aDeletion(gone)] });
    simulator.restoreNetwork();
    await has(context, app, "logbook_entry", known["id"]);
    await waitFor(
      "the deletion by another device",
      async () => !(await app.get("logbook_entry", String(gone["id"]))),
    );
    stop();

    const socket = await waitFor("an open socket", () => simulator.open.at(-1));
    const item = { id: "m2", beats: 7, updatedAt: at(-90_000) };
    const live = { ...meta, entityId: "m2", deletedAt: null, checksum: "ab".repeat(32) };
    socket.inject({
      type: "ENTITY_CHANGED",
      entityType: "metronome_setting",
      item,
      meta: live,
      timestamp: at(),
    });
    const fence = anEntry();
    await other.push({ entries: [fence] });
    await has(context, app, "logbook_entry", fence["id"]);
    expect.equal("state of the socket after an event of an unknown type", socket.state, "open");
  },
});

const deletedIn = (frame: JsonObject): JsonObject[] => (frame["deleted"] ?? []) as JsonObject[];

const deadIds = async (app: App): Promise<string[]> => (await app.deadLetters()).map(({ id }) => id);

export const unknownOutcomes = clientCheck({
  id: "CLI-029/unknown-outcomes",
  name: "an item whose outcome the client does not know is a dead letter after three tries, and is never in the way of others",
  brokenBy: [
    faulty.readsOutcomesStrictly,
    faulty.takesUnknownOutcomesForSuccess,
    faulty.triesUnknownOutcomesForEver,
  ],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, refuse, waitFor } = context;
    const app = await open();
    const gate = Promise.withResolvers<void>();
    faultWrites(simulator, { do: "delay-request", until: gate.promise });
    const odd = await app.create("logbook_entry", anEntry({ notes: "odd" }));
    refuse(odd, "SOMETHING");
    simulator.heal();
    faultWrites(
      simulator,
      alterJson((body) => ({
        ...body,
        results: (body["results"] as JsonObject[] | undefined)?.map((result) => {
          if (result["entityId"] !== odd) return result;
          const { code: _, errors: __, ...rest } = result;
          return { ...rest, outcome: "postponed" };
        }),
      })),
    );
    gate.resolve();
    const others = [
      await app.create("logbook_entry", anEntry()),
      await app.create("logbook_entry", anEntry()),
    ];
    await waitFor(`a dead letter of ${odd}, whose outcome is "postponed" each time`, async () => {
      const sent = distinctWrites(simulator, odd).length;
      expect.ok(`${odd} is sent three times at most`, sent <= 3, `${sent} times`);
      const pending = (await pendingIds(app)).includes(odd);
      if ((await deadIds(app)).includes(odd)) return true;
      expect.ok(`${odd} is pending, or a dead letter`, pending);
      return false;
    });
    const notes = (await app.get("logbook_entry", odd))?.["notes"];
    expect.equal(`notes of ${odd}, as the user sees it`, notes, "odd");
    await waitFor("an acknowledgement of the others", async () => {
      const waiting = await pendingIds(app);
      return others.every((id) => !waiting.includes(id));
    });
    const pulled = await other.pullAll();
    for (const id of others) expect.live(pulled, id);
    expect.equal("entities with a dead letter", await deadIds(app), [odd]);
  },
});
