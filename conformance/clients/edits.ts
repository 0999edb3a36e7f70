import type { JsonObject } from "../../schemas/json.ts";
import type { ClientContext } from "../client-check.ts";
import type { App } from "./app.ts";
import { has } from "./outbox.ts";

/** A client that has an entry of another device's, a minute old, to be edited. */
export interface WithAnEntry {
  app: App;
  /** As the other device wrote it; its notes are "before". */
  entry: JsonObject;
  id: string;
}

export async function openWithAnEntry(context: ClientContext): Promise<WithAnEntry> {
  const { open, other, anEntry, at } = context;
  const entry = anEntry({ notes: "before", updatedAt: at(-60_000) });
  const id = String(entry["id"]);
  await other.push({ entries: [entry] });
  const app = await open();
  await has(context, app, "logbook_entry", id);
  return { app, entry, id };
}

/** The same, and its edit to "mine" is a dead letter: the server refused it for good, and would take it by now. */
export async function openWithADeadLetter(context: ClientContext): Promise<WithAnEntry> {
  const { refuse, accept, waitFor } = context;
  const opened = await openWithAnEntry(context);
  const { app, id } = opened;
  refuse(id, "INVALID_ITEM");
  await app.update("logbook_entry", id, { notes: "mine" });
  await waitFor("a dead letter", async () => (await app.deadLetters()).some((letter) => letter.id === id));
  accept(id);
  return opened;
}
