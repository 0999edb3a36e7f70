import { createHash } from "node:crypto";
import { Journal, type Outcome, type Push, type Stored, type Write } from "./soak-journal.ts";
import { tokenFor } from "./harness.ts";
import { SoakSocket } from "./soak-socket.ts";

/** Public: what `serve` verifies with when it is told no other. */
const SECRET = "mirubato-sync-development-secret-known-to-everybody";
const ENTITIES_OF_A_WRITER = 250;
const SHARED_ENTITIES = 10;
const READERS_PAGE = 100;
/** Of what was acknowledged, asked for again after each restart. */
const REPLAYS = 4;

type Random = () => number;
/** Stamps that nobody has used, one clock for all: Unix ms, in the past. */
let stamps = Date.UTC(2026, 0, 1);

interface Answer {
  status: number;
  replay: boolean;
  text: string;
}

/** One user with several writers, a reader and a device on a socket, and the journal of what they were told. */
export class SoakUser {
  readonly journal = new Journal();
  readonly socket: SoakSocket;
  readonly replays = { first: 0, unanswered: 0 };
  acknowledged = 0;
  private readonly acknowledgedPushes: { push: Push; digest: string }[] = [];
  private readonly seen = new Map<string, Stored>();
  private cursor: string | undefined;
  private epoch: string | undefined;
  private readerAt = 0;
  private readonly pushes: number[];

  readonly name: string;
  private readonly url: string;
  private readonly token: string;
  private readonly random: Random;

  private constructor(name: string, url: string, token: string, writers: number, random: Random) {
    this.name = name;
    this.url = url;
    this.token = token;
    this.random = random;
    this.pushes = Array.from({ length: writers }, () => 0);
    const entryOf = (push: Push) => item(push)(push.writes[0]!);
    const nextStamp = () => (stamps += 1);
    this.socket = new SoakSocket({
      user: name,
      url,
      token,
      journal: this.journal,
      random,
      entryOf,
      nextStamp,
    });
  }

  static async create(name: string, url: string, writers: number, random: Random): Promise<SoakUser> {
    return new SoakUser(name, url, await tokenFor(name, { exp: 4_102_444_800 }, SECRET), writers, random);
  }

  /** Writes and reads until `killed`; a writer first repeats what it got no answer to. */
  async work(killed: AbortSignal): Promise<void> {
    const reader = async (): Promise<void> => {
      while (!killed.aborted && (await this.readOn(killed))) {
        // Each page counts by itself.
      }
    };
    const writers = this.pushes.map((_, writer) => this.write(writer, killed));
    await Promise.all([reader(), this.socket.work(killed), ...writers]);
  }

  private async write(writer: number, killed: AbortSignal): Promise<void> {
    const owed = [...this.journal.unanswered.values()].filter(({ key }) => key.startsWith(`w${writer}-`));
    for (const push of owed) if (!(await this.deliver(push, killed))) return;
    while (!killed.aborted) {
      const push = this.nextPush(writer);
      this.journal.sent(push);
      if (!(await this.deliver(push, killed))) return;
    }
  }

  /** One push more, with no kill to come. */
  async pushOnce(): Promise<void> {
    const push = this.nextPush(0);
    this.journal.sent(push);
    await this.deliver(push);
  }

  /** Repeats what is still unanswered, with no kill to come. */
  async finish(): Promise<void> {
    for (const push of this.journal.unanswered.values()) await this.deliver(push);
  }

  private nextPush(writer: number): Push {
    this.pushes[writer]! += 1;
    const ids = new Set<string>();
    for (let left = 1 + Math.floor(this.random() * 20); left > 0; left--) {
      ids.add(`w${writer}-${Math.floor(this.random() * ENTITIES_OF_A_WRITER)}`);
    }
    if (this.random() < 0.3 && ids.size < 20)
      ids.add(`shared-${Math.floor(this.random() * SHARED_ENTITIES)}`);
    const writes = Array.from(ids, (id) => ({ id, stamp: (stamps += 1) }));
    return { key: `w${writer}-push-${this.pushes[writer]}`, writes, headBefore: this.journal.head };
  }

  private async deliver(push: Push, killed?: AbortSignal): Promise<boolean> {
    const answer = await this.send(
      "push",
      { changes: { entries: push.writes.map(item(push)) } },
      push.key,
      killed,
    );
    if (!answer) return false;
    if (push.committed && answer.replay) this.replays.unanswered += 1;
    const outcomes = outcomesOf(answer.text);
    const repeated = push.onSocket ? outcomes[0]?.outcome === "duplicate" : answer.replay;
    this.journal.answered(push, outcomes, repeated);
    this.acknowledged += 1;
    this.acknowledgedPushes.push({ push, digest: digest(answer.text) });
    return true;
  }

  /** Repeats some of the pushes that were answered: the answers must be the first ones. */
  async replaySome(): Promise<void> {
    const { length } = this.acknowledgedPushes;
    for (let index = 0; index < Math.min(REPLAYS, length); index++) {
      // The latest is the likeliest to be lost.
      const at = index === 0 ? length - 1 : Math.floor(this.random() * length);
      const { push, digest: first } = this.acknowledgedPushes[at]!;
      const body = { changes: { entries: push.writes.map(item(push)) } };
      const answer = await this.send("push", body, push.key);
      this.replays.first += 1;
      if (!answer?.replay || digest(answer.text) !== first) {
        this.journal.report(
          `${push.key}: answered otherwise after the restart than when it was acknowledged`,
        );
      }
    }
  }

  /** Judges all that the server holds. Nobody may be writing. */
  async verify(): Promise<void> {
    const stored = await this.pullAll();
    this.journal.judge(stored);
    while (await this.readOn()) {
      // Until it has caught up.
    }
    this.journal.judgeReader(this.seen, stored);
    await this.socket.verify(stored);
  }

  private async pullAll(): Promise<Stored[]> {
    const all: Stored[] = [];
    for (let since: string | undefined, more = true; more;) {
      const answer = await this.send("pull", { since });
      const page = JSON.parse(answer!.text);
      this.epoch ??= page.epoch;
      if (page.epoch !== this.epoch) this.journal.report("the epoch changed: all cursors were lost");
      all.push(...storedOf(page));
      since = page.syncToken;
      more = page.hasMore;
    }
    return all;
  }

  /** One page of the reader's. False when there is no more, or no answer. */
  private async readOn(killed?: AbortSignal): Promise<boolean> {
    const answer = await this.send("pull", { since: this.cursor, limit: READERS_PAGE }, undefined, killed);
    if (!answer) return false;
    const page = JSON.parse(answer.text);
    for (const one of storedOf(page)) {
      if (one.seq <= this.readerAt) {
        this.journal.report(`the reader got seq ${one.seq} after seq ${this.readerAt}`);
      }
      this.readerAt = one.seq;
      this.seen.set(one.id, one);
    }
    this.cursor = page.syncToken;
    return killed !== undefined || page.hasMore;
  }

  /** Undefined where no answer came and none could: the server was killed. A 5xx is no answer either. */
  private async send(
    endpoint: "push" | "pull",
    body: unknown,
    key?: string,
    killed?: AbortSignal,
  ): Promise<Answer | undefined> {
    try {
      const response = await fetch(`${this.url}/api/sync/${endpoint}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${this.token}`,
          "content-type": "application/json",
          "x-sync-protocol": "1",
          ...(key !== undefined && { "x-idempotency-key": key }),
        },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (response.status === 200) {
        return { status: 200, replay: response.headers.get("x-idempotent-replay") === "true", text };
      }
      if (response.status >= 500 && killed?.aborted) return undefined;
      throw new Error(`${endpoint} ${key ?? ""} was answered ${response.status}: ${text}`);
    } catch (error) {
      if (killed?.aborted) return undefined;
      throw error;
    }
  }
}

const item =
  (push: Push) =>
  ({ id, stamp }: Write) => ({
    id,
    timestamp: "2026-01-01T10:00:00.000Z",
    duration: 30,
    type: "practice",
    notes: push.key,
    updatedAt: new Date(stamp).toISOString(),
  });

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function outcomesOf(text: string): Outcome[] {
  return JSON.parse(text).results.map((result: any) => ({
    id: result.entityId,
    outcome: result.outcome,
    seq: result.meta?.seq,
    version: result.meta?.version,
    stamp: Date.parse(result.meta?.updatedAt),
  }));
}

function storedOf(page: any): Stored[] {
  return page.meta.entries.map((meta: any, index: number) => ({
    id: meta.entityId,
    stamp: Date.parse(meta.updatedAt),
    seq: meta.seq,
    version: meta.version,
    author: page.entries[index].notes,
  }));
}
