import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import { settled } from "../../clients/outbox.ts";
import { demandNews, writing } from "../../clients/situations.ts";
import { loseAnswer, loseRequest } from "../../simulator/faults.ts";
import { idOf } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import * as faulty from "./other-ids.mutants.ts";

/** A piece whose create arrives, and that is edited before the client hears that the server stores it as `stored`. */
async function editedBeforeItIsNamed(
  context: ClientContext,
  { scoreId, stored }: { scoreId: string; stored: string },
): Promise<void> {
  const { open, simulator, other, expect, aPiece, waitFor } = context;
  const app = await open();
  const names = [scoreId, scoreId.toLowerCase(), stored];
  const shown = async (): Promise<unknown[]> =>
    (await app.list("repertoire_item"))
      .map((item) => [idOf("repertoire_item", item), item["title"]] as const)
      .filter(([id]) => names.includes(id));
  simulator.fault(writing(), loseAnswer);
  const holdBack = simulator.fault(writing(), loseRequest, Infinity);
  const id = await app.create("repertoire_item", aPiece({ scoreId }));
  await waitFor("a first attempt", () => simulator.calls("push", "batch").find(({ answer }) => answer));
  const title = "not before its answer";
  const carriesEdit = ({ json }: SeenRequest): boolean => JSON.stringify(json ?? null).includes(title);
  const letThrough = simulator.fault((seen) => writing()(seen) && carriesEdit(seen), loseRequest, Infinity);
  await app.update("repertoire_item", id, { title });
  holdBack();
  // The edit goes out when the piece is acknowledged under its other id.
  const next = await waitFor(
    "a request with the edit",
    async () => simulator.calls("push", "batch").find(carriesEdit) ?? ((await settled(app)()) && "none"),
  );
  expect.ok(
    `the edit of ${scoreId} that waited was sent after the piece had got its other id`,
    next !== "none",
  );
  await demandNews(context, app, { type: "repertoire_item" });
  expect.equal(`pieces in the list after ${scoreId} was acknowledged as ${stored}`, await shown(), [
    [stored, title],
  ]);
  letThrough();
  await waitFor("an empty outbox", settled(app));
  await app.update("repertoire_item", stored, { title: "by its other id" });
  await waitFor("an empty outbox", settled(app));
  await demandNews(context, app, { type: "repertoire_item" });
  expect.equal("pieces in the list in the end", await shown(), [[stored, "by its other id"]]);
  expect.equal(
    "title on the server",
    expect.live(await other.pullAll(), stored).item["title"],
    "by its other id",
  );
}

export const anotherId = clientCheck({
  id: "CLI-006/another-id",
  name: "a piece that the server stores under another id is there once, with the edit that was made meanwhile",
  secondMs: 20,
  brokenBy: [
    faulty.filesAnswersUnderTheIdItSent,
    faulty.rekeysTheRowAlone,
    faulty.losesWaitingEditsWhenItRekeys,
  ],
  async run(context) {
    const scoreId = `Moonlight Sonata ${context.unique("piece")}-Beethoven`;
    await editedBeforeItIsNamed(context, { scoreId, stored: scoreId.toLowerCase() });
  },
});

export const unforeseenId = clientCheck({
  id: "CLI-006/an-id-that-nobody-foresaw",
  name: "the same where the client knows the rules by which servers name pieces, and the server has a newer one",
  secondMs: 20,
  brokenBy: [faulty.knowsTheRuleItself, faulty.rekeysTheRowAlone, faulty.losesWaitingEditsWhenItRekeys],
  async run(context) {
    const { unique, rename } = context;
    const scoreId = `${unique("piece")}-beethoven`.toLowerCase();
    const stored = `the very same ${scoreId}`;
    rename(scoreId, stored);
    await editedBeforeItIsNamed(context, { scoreId, stored });
  },
});
