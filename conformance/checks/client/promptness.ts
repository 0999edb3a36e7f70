import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import { demandDuration } from "../../clients/attempts.ts";
import type { App } from "../../clients/app.ts";
import { emptyOutbox } from "../../clients/outbox.ts";
import * as faulty from "./promptness.mutants.ts";

/** More than a process takes to send what it has, where a second lasts 200 ms; a pause that someone put there is longer. */
const PROMPT = 2.5;
const ROUNDS = 4;

/** In some of the rounds a machine is slow; in all of them, a client is. Gives how long each took, in ms. */
async function rounds(
  context: ClientContext,
  app: App,
  write: () => Promise<{ id: string; from: number }>,
): Promise<number[]> {
  const { simulator, seconds, waitFor } = context;
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id, from } = await write();
    const { seen } = await waitFor(`the entry ${id}, sent`, () => simulator.writesOf(id)[0]);
    took.push(seen.at - from);
    if (took.at(-1)! < seconds(PROMPT)) return took;
    await emptyOutbox(context, app);
  }
  return took;
}

function demandPrompt({ seconds }: ClientContext, what: string, took: readonly number[]): void {
  demandDuration(
    what,
    took.some((ms) => ms < seconds(PROMPT)),
    took.map((ms) => `after ${(ms / seconds(1)).toFixed(1)} s`),
  );
}

export const promptly = clientCheck({
  id: "CLI-026/without-a-pause",
  name: "a logbook entry goes out at once, and not seconds later",
  secondMs: 200,
  brokenBy: [faulty.gathersForFiveSeconds],
  async run(context) {
    const app = await context.open();
    const took = await rounds(context, app, async () => {
      const from = performance.now();
      return { id: await app.create("logbook_entry", context.anEntry()), from };
    });
    demandPrompt(
      context,
      `of ${ROUNDS} entries one is sent within ${PROMPT} s of the call that made it`,
      took,
    );
  },
});

export const promptlyWhenTheNetworkIsBack = clientCheck({
  id: "CLI-026/when-the-network-is-back",
  name: "an entry that waited for the network goes out when the platform says that it is back, and not seconds later",
  needs: ["verb:offline", "verb:online"],
  secondMs: 200,
  brokenBy: [faulty.letsTheNetworkSettle],
  async run(context) {
    const app = await context.open();
    const took = await rounds(context, app, async () => {
      await app.offline();
      const id = await app.create("logbook_entry", context.anEntry());
      const from = performance.now();
      await app.online();
      return { id, from };
    });
    demandPrompt(
      context,
      `of ${ROUNDS} entries that were written without a network one is sent within ${PROMPT} s of its being back`,
      took,
    );
  },
});
