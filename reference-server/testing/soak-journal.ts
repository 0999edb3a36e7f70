/** One item of a push: the stamp, Unix ms, tells the writes of an entity apart. */
export interface Write {
  id: string;
  stamp: number;
}

/** A push, from its first sending until its answer is known. */
export interface Push {
  key: string;
  writes: readonly Write[];
  /** Highest seq that had been acknowledged when it was first sent. */
  headBefore: number;
  /** It goes out as a mutation of one entity: a repetition is known by its outcome, `duplicate`. */
  onSocket?: true;
  /** Whether a restart has shown its effects, before any answer did. */
  committed?: boolean;
}

/** What the server says of one item. */
export interface Outcome {
  id: string;
  outcome: string;
  seq: number;
  version: number;
  /** Of the write that holds now, Unix ms. */
  stamp: number;
}

/** An entity as a pull tells it; `author` is the key of the push that wrote it. */
export interface Stored {
  id: string;
  stamp: number;
  seq: number;
  version: number;
  author: string;
}

/**
 * What one user's writers were told, and whether what the server holds agrees with it. Entities whose id begins with
 * `shared` are written by several writers; every other one by a single writer, one push after the other.
 */
export class Journal {
  readonly violations: string[] = [];
  readonly unanswered = new Map<string, Push>();
  acknowledgedItems = 0;
  head = 0;
  /** Accepted writes: entity → stamp → what the server made of it. */
  private readonly accepted = new Map<string, Map<number, { seq: number; version: number }>>();
  private readonly seqs = new Map<number, string>();

  private blame(text: string): void {
    this.violations.push(text);
  }

  sent(push: Push): void {
    this.unanswered.set(push.key, push);
  }

  /** An answer of 200, or an acknowledgement, came, at the first or at a later attempt. */
  answered(push: Push, outcomes: readonly Outcome[], replay: boolean): void {
    this.unanswered.delete(push.key);
    this.acknowledgedItems += outcomes.length;
    if (push.committed !== undefined && push.committed !== replay) {
      this.blame(
        push.committed
          ? `${push.key}: its effects were stored when the server died, but the repetition was judged again`
          : `${push.key}: nothing of it was stored when the server died, but the repetition is answered as a replay`,
      );
    }
    if (outcomes.length !== push.writes.length) {
      this.blame(`${push.key}: ${push.writes.length} items, ${outcomes.length} results`);
    }
    for (const [index, { id, stamp }] of push.writes.entries()) {
      const result = outcomes[index];
      if (!result) continue;
      if (result.id !== id) this.blame(`${push.key}: result ${index} is about ${result.id}, not ${id}`);
      const repeated = push.onSocket && push.committed && result.outcome === "duplicate";
      if (result.outcome === "applied" || repeated) this.accept(push, id, stamp, result);
      else if (!isShared(id) || result.outcome !== "superseded" || result.stamp <= stamp) {
        this.blame(`${push.key}: ${id} is ${result.outcome}, though nothing newer was written`);
      }
    }
  }

  private accept(push: Push, id: string, stamp: number, { seq, version }: Outcome): void {
    const writes = this.accepted.get(id) ?? new Map<number, { seq: number; version: number }>();
    this.accepted.set(id, writes.set(stamp, { seq, version }));
    const other = this.seqs.get(seq);
    if (other !== undefined) this.blame(`seq ${seq} was given to ${other} and again to ${id}`);
    this.seqs.set(seq, `${id} (${push.key})`);
    if (seq <= push.headBefore) {
      this.blame(`${push.key}: ${id} got seq ${seq}, though ${push.headBefore} had been given before`);
    }
    this.head = Math.max(this.head, seq);
  }

  /** Compares a full pull, in its order, with the journal. No push may be on its way. */
  judge(stored: readonly Stored[]): void {
    const now = new Map(stored.map((one) => [one.id, one]));
    if (now.size !== stored.length) this.blame("an entity is there twice");
    for (const [index, one] of stored.entries()) {
      const before = stored[index - 1];
      if (before && before.seq >= one.seq) this.blame(`seq ${one.seq} comes after seq ${before.seq}`);
    }
    for (const push of this.unanswered.values()) this.judgeUnanswered(push, now);

    const ids = new Set([...now.keys(), ...this.accepted.keys()]);
    for (const id of ids) this.judgeEntity(id, now.get(id));
  }

  /** All of an unanswered push is there, or nothing. */
  private judgeUnanswered(push: Push, now: ReadonlyMap<string, Stored>): void {
    const own = push.writes.filter(({ id }) => !isShared(id));
    const there = own.filter(({ id, stamp }) => now.get(id)?.stamp === stamp);
    if (there.length > 0 && there.length < own.length) {
      this.blame(`${push.key} is half there: ${there.length} of ${own.length} items`);
    }
    const committed = there.length > 0;
    if (push.committed === true && !committed) this.blame(`${push.key} was stored and is gone`);
    push.committed = committed;
    for (const { id, stamp } of push.writes) {
      const found = now.get(id);
      if (!committed && found?.author === push.key) {
        this.blame(`${push.key} is half there: ${id} has been written, the rest has not`);
      }
      if (committed && (found?.stamp ?? 0) < stamp) {
        this.blame(`${push.key} is half there: ${id} is missing`);
      }
    }
  }

  private judgeEntity(id: string, found: Stored | undefined): void {
    const writes = this.accepted.get(id) ?? new Map<number, { seq: number; version: number }>();
    const pending = [...this.unanswered.values()].flatMap((push) =>
      push.writes.filter((write) => write.id === id).map(({ stamp }) => ({ stamp, push })),
    );
    const latest = Math.max(0, ...writes.keys());
    if (!found) {
      if (writes.size > 0) this.blame(`${id} was acknowledged and is not there`);
      return;
    }
    const known = writes.get(found.stamp);
    if (found.stamp < latest) {
      this.blame(`${id} was acknowledged with stamp ${latest}, and is there with ${found.stamp}`);
    } else if (!known && !pending.some(({ stamp }) => stamp === found.stamp)) {
      this.blame(`${id} is there with stamp ${found.stamp}, which nobody wrote`);
    } else if (known && known.seq !== found.seq) {
      this.blame(`${id} was acknowledged with seq ${known.seq}, and is there with ${found.seq}`);
    }
    // A shared write whose push was not answered may have been applied, or superseded.
    const sure = pending.filter(({ push }) => push.committed && !isShared(id)).length;
    const possible = pending.filter(({ push }) => push.committed).length;
    const least = writes.size + sure;
    const most = writes.size + possible;
    if (found.version < least || found.version > most) {
      const expected = least === most ? `${least}` : `${least} to ${most}`;
      this.blame(`${id} has version ${found.version} after ${expected} accepted writes`);
    }
    const versions = [...writes.values()].map(({ version }) => version);
    if (new Set(versions).size !== versions.length) this.blame(`${id}: two writes got the same version`);
  }

  /** Compares what a reader has put together from its pages, or from what it was told, with a full pull. */
  judgeReader(seen: ReadonlyMap<string, Stored>, stored: readonly Stored[], who = "the reader"): void {
    for (const one of stored) {
      const known = seen.get(one.id);
      if (!known) this.blame(`${who}'s cursor skipped ${one.id} (seq ${one.seq})`);
      else if (known.seq !== one.seq || known.stamp !== one.stamp || known.version !== one.version) {
        this.blame(`${who} has ${one.id} at seq ${known.seq}, the server at ${one.seq}`);
      }
    }
    if (seen.size > stored.length) this.blame(`${who} saw ${seen.size - stored.length} lost entities`);
  }

  /** Something else that must not be. */
  report(text: string): void {
    this.blame(text);
  }
}

export function isShared(id: string): boolean {
  return id.startsWith("shared");
}
