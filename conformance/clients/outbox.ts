import type { EntityType } from "../../schemas/collections.ts";
import type { ClientContext } from "../client-check.ts";
import type { App } from "./app.ts";
import type { Fault } from "../simulator/faults.ts";
import { isWrite } from "../simulator/seen.ts";
import type { SeenFrame } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { SeenSocket } from "../simulator/socket.ts";

/** More often than any check waits for. */
export const ALWAYS = 1_000_000;

/** From now on each push and batch meets this fault, until the simulator is healed. */
export function faultWrites(simulator: Simulator, fault: Fault, times = ALWAYS): void {
  simulator.fault(isWrite, fault, times);
}

/** From now on the server does what pushes and batches say, and no answer is told, those to repetitions neither. Gives what tells them all. */
export function holdAnswers(simulator: Simulator): () => void {
  return delayWrites(simulator, "delay-answer");
}

/** From now on no push or batch gets to the server. Gives what lets them all through. */
export function holdWrites(simulator: Simulator): () => void {
  return delayWrites(simulator, "delay-request");
}

function delayWrites(simulator: Simulator, how: "delay-answer" | "delay-request"): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  faultWrites(simulator, { do: how, until: promise });
  return () => {
    simulator.heal();
    resolve();
  };
}

/** Whether the client says that nothing of its user's is unacknowledged, to be waited for. */
export const settled = (app: App) => async (): Promise<boolean> => (await app.pendingCount()) === 0;

/** Waits until the client says that nothing of its user's is unacknowledged, for as long as it becomes less: how many go in a request is its own affair. */
export async function emptyOutbox({ waitFor }: ClientContext, app: App): Promise<void> {
  for (let left = Infinity; left > 0;) {
    const before = left;
    left = await waitFor("an empty outbox", async () => {
      const count = await app.pendingCount();
      return count < before && count;
    });
  }
}

/** The entities that wait, each once. */
export async function pendingIds(app: App): Promise<string[]> {
  return [...new Set((await app.pending()).map(({ id }) => id))].toSorted();
}

/** The writes of an entity, requests that repeat an earlier one left out. */
export function distinctWrites(simulator: Simulator, id: string): ReturnType<Simulator["writesOf"]> {
  const keys = new Set<string>();
  return simulator.writesOf(id).filter(({ seen: { key, call } }) => {
    const name = `${call} ${key}`;
    return key === undefined || (!keys.has(name) && keys.add(name));
  });
}

/** Waits until the client has an item that another device wrote. */
export async function has(
  { waitFor }: ClientContext,
  app: App,
  type: EntityType,
  ...ids: unknown[]
): Promise<void> {
  for (const id of ids)
    await waitFor(`${type} ${String(id)} of another device`, () => app.get(type, String(id)));
}

/** Which of these entities frames of the client's name, and in which. */
export function carriedInFrames(simulator: Simulator, ids: readonly string[]): string[] {
  return simulator.frames
    .filter(({ from }) => from === "client")
    .flatMap(({ n, text }) =>
      ids.filter((id) => text.includes(JSON.stringify(id))).map((id) => `${id} in frame ${n}`),
    );
}

/** A new entry that goes out and is acknowledged: whatever the client was to send by itself with its flush has gone out. */
export async function sendsAnother(context: ClientContext, app: App): Promise<void> {
  const id = await app.create("logbook_entry", context.anEntry({ notes: "fence" }));
  const { simulator, waitFor } = context;
  const sent = (): boolean =>
    simulator.writesOf(id).length > 0 || carriedInFrames(simulator, [id]).length > 0;
  await waitFor("another entry, acknowledged", async () => sent() && !(await pendingIds(app)).includes(id));
}

/**
 * An entry of another device, and the client has it: what the server told before is taken in as well. The client writes an entry of its own,
 * as a pull follows each flush (CLI-039).
 */
export async function hearsAnother({ other, anEntry, waitFor }: ClientContext, app: App): Promise<void> {
  const entry = anEntry({ notes: "from the other device" });
  await other.push({ entries: [entry] });
  await app.create("logbook_entry", anEntry({ notes: "to be followed by a pull" }));
  await waitFor("an entry of another device", () => app.get("logbook_entry", String(entry["id"])));
}

/** Creates an entry that the server refuses, the next `times` times or always: nothing of it gets there before that is arranged. Gives its id. */
export async function createRefused(
  { simulator, anEntry, refuse }: ClientContext,
  app: App,
  { notes, code, times }: { notes: string; code: string; times?: number },
): Promise<string> {
  const letThrough = holdWrites(simulator);
  const id = await app.create("logbook_entry", anEntry({ notes }));
  refuse(id, code, times);
  letThrough();
  return id;
}

/** A new entry that a socket carried, in a client that sends writes over sockets. Nothing that the server says of it has arrived. */
export interface Carried {
  id: string;
  /** Of the entry. */
  notes: string;
  socket: SeenSocket;
  frame: SeenFrame;
  /** Tells the answers to HTTP requests that carry it, too. Until then they are held back. */
  release(): void;
}

/** Has the client send an entry over its socket. It may prefer HTTP now and then, as while it catches up; one that always does ends the check. */
export async function carriedByASocket(context: ClientContext, app: App): Promise<Carried> {
  const { simulator, anEntry, unique, waitFor, inconclusive } = context;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const socket = await waitFor("an open socket", () => simulator.open.at(-1));
    const release = holdAnswers(simulator);
    socket.hold();
    const notes = unique("over the socket");
    const id = await app.create("logbook_entry", anEntry({ notes }));
    const carrying = (): SeenFrame | undefined =>
      socket.frames.find(({ from, text }) => from === "client" && text.includes(id));
    await waitFor("the entry, sent", () => carrying() ?? simulator.writesOf(id)[0]);
    const frame = carrying();
    if (frame) return { id, notes, socket, frame, release };
    release();
    socket.release();
    await emptyOutbox(context, app);
  }
  return inconclusive(
    "its adapter says that the client sends writes over sockets, and it sent five entries by HTTP",
  );
}
