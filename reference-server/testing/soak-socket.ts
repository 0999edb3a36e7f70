import { setTimeout as delay } from "node:timers/promises";
import type { Journal, Outcome, Push, Stored } from "./soak-journal.ts";
import { openSocket, type TestSocket } from "./socket.ts";

const ENTITIES = 100;
/** How long a socket that is open may take to be told of what is written. */
const DEAF_AFTER_MS = 10_000;

export interface SoakSocketPorts {
  user: string;
  url: string;
  token: string;
  journal: Journal;
  random: () => number;
  /** The entry of a write, as it is sent. */
  entryOf(push: Push): object;
  nextStamp(): number;
}

/** A device that writes and listens on a socket: it keeps it as long as it lasts, and catches up from its place on the next. */
export class SoakSocket {
  acknowledged = 0;
  reconnections = 0;
  private readonly ports: SoakSocketPorts;
  private socket: TestSocket | undefined;
  private ended = true;
  private epoch: string | undefined;
  /** Everything up to this seq was told. */
  private place = 0;
  private readonly seen = new Map<string, Stored>();
  private mutations = 0;

  constructor(ports: SoakSocketPorts) {
    this.ports = ports;
  }

  /** Writes one change after the other until `killed`; first what it got no answer to. */
  async work(killed: AbortSignal): Promise<void> {
    const { journal } = this.ports;
    try {
      await this.connected();
      for (const push of journal.unanswered.values()) if (push.onSocket) await this.mutate(push);
      while (!killed.aborted) {
        const push = this.nextPush();
        journal.sent(push);
        await this.mutate(push);
      }
    } catch (error) {
      // The server was killed: no answer came, and none can.
      if (!killed.aborted) throw error;
    }
  }

  /** Holds what the socket was told to what is stored. Nobody may be writing. */
  async verify(stored: readonly Stored[]): Promise<void> {
    const { journal } = this.ports;
    const head = Math.max(0, ...stored.map(({ seq }) => seq));
    await this.connected();
    while (this.place < head) {
      const silence = delay(DEAF_AFTER_MS, undefined, { ref: false });
      const frame = await Promise.race([this.socket!.next(), silence]);
      if (frame === undefined) break;
      this.heard(frame);
    }
    if (this.place < head)
      return journal.report(`the socket is open and deaf: told up to seq ${this.place} of ${head}`);
    journal.judgeReader(this.seen, stored, "the socket");
  }

  private nextPush(): Push {
    const { random, nextStamp, journal } = this.ports;
    const writes = [{ id: `s-${Math.floor(random() * ENTITIES)}`, stamp: nextStamp() }];
    this.mutations += 1;
    return { key: `s-mutation-${this.mutations}`, writes, headBefore: journal.head, onSocket: true };
  }

  private async mutate(push: Push): Promise<void> {
    const { journal, entryOf } = this.ports;
    const socket = this.socket!;
    socket.send({ type: "ENTRY_UPDATED", clientChangeId: push.key, entry: entryOf(push) });
    for (;;) {
      const frame = await socket.next();
      if (frame.clientChangeId !== push.key) {
        this.heard(frame);
        continue;
      }
      // What could not be stored is sent again: another time, when the server has recovered.
      if (frame.type === "ERROR")
        throw new Error(`${push.key} was answered ERROR ${frame.code}: ${frame.error}`);
      const { outcome, meta } = frame;
      const stored = storedOf(meta, push.key);
      const outcomes: Outcome[] = [{ ...stored, outcome }];
      journal.answered(push, outcomes, outcome === "duplicate");
      this.seen.set(stored.id, stored);
      this.heard(frame);
      this.acknowledged += 1;
      return;
    }
  }

  private async connected(): Promise<void> {
    if (!this.ended) return;
    const { user, url, token } = this.ports;
    const socket = await openSocket({ url }, user, { token });
    this.socket = socket;
    this.ended = false;
    this.reconnections += 1;
    socket.raw.on("close", () => {
      if (this.socket === socket) this.ended = true;
    });
    const place = this.epoch === undefined ? {} : { lastSeq: this.place, epoch: this.epoch };
    for (const frame of await socket.catchUp(place)) {
      if (frame.type === "ERROR")
        throw new Error(`catch-up was answered ERROR ${frame.code}: ${frame.error}`);
      this.heard(frame);
      if (frame.type === "SYNC_RESPONSE") this.epoch = frame.epoch;
    }
  }

  private heard(frame: any): void {
    const { journal } = this.ports;
    const rows: Stored[] = frame.type.startsWith("ENTRY_")
      ? [storedOf(frame.meta, frame.entry.notes)]
      : (frame.entries ?? []).map((entry: any, index: number) =>
          storedOf(frame.meta.entries[index], entry.notes),
        );
    for (const row of rows) this.seen.set(row.id, row);
    const number: number = frame.seq ?? frame.lastSeq ?? this.place;
    if (number < this.place) journal.report(`the socket was told seq ${number} after ${this.place}`);
    this.place = number;
  }
}

function storedOf(meta: any, author: string): Stored {
  const { entityId: id, seq, version, updatedAt } = meta;
  return { id, seq, version, stamp: Date.parse(updatedAt), author };
}
