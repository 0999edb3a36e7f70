import { HarnessError } from "../../verdict.ts";
import type { Member, Place } from "./host.ts";

/** So many processes are shared, as long as they have room. */
const SHARED = 2;

/** So many processes that a check had for itself wait for the next such check, and did not end with theirs. */
const SURVIVORS = 4;

interface Held extends Member {
  /** Closed in good order: stdin, a moment, SIGKILL. */
  end(): Promise<void>;
}

interface Shared {
  member: Held;
  open: number;
  /** Something in it did not close: it gets no more clients, and ends with its last. */
  retired: boolean;
}

export interface PoolOptions<M extends Held> {
  start(): M;
  /** How many clients a process can have open. */
  clients: number;
  /** How many processes are started ahead, so that no check waits for one. */
  spares: number;
}

/** The processes of one adapter: some that checks share, and some that one check has for itself. */
export class Pool<M extends Held> {
  readonly #options: PoolOptions<M>;
  readonly #spares: M[] = [];
  /** Nobody killed them, and their clients were closed in good order. */
  readonly #survivors: M[] = [];
  readonly #shared = new Set<Shared>();
  /** All that may still run. */
  readonly #running = new Set<M>();
  #closed = false;
  #reuses: boolean;

  constructor(options: PoolOptions<M>, first: M) {
    this.#options = options;
    this.#reuses = options.clients > 1;
    this.#running.add(first);
    this.#spares.push(first);
  }

  /** For a check that does not kill. */
  sharing(): Place {
    if (this.#options.clients === 1) return this.alone();
    return {
      take: () => this.#roomInShared(),
      giveBack: (member, clean) => this.#leave(member, clean),
      shared: true,
      kill: () => Promise.reject(new HarnessError("a check that kills must launch({ alone: true })")),
      end: async () => {},
    };
  }

  /** For a check that may kill: processes that nobody else has while it has them. */
  alone(): Place {
    const own = new Map<M, { open: number; clean: boolean; before: boolean }>();
    const survived = ([member, { open, clean }]: [M, { open: number; clean: boolean }]): boolean =>
      open === 0 && clean && !member.conversation.over;
    return {
      take: () => {
        const room = [...own].find(
          ([member, { open }]) => open < this.#options.clients && !member.conversation.over,
        );
        const survivor = room ? undefined : this.#survivor();
        const member = room?.[0] ?? survivor ?? this.#fresh();
        const held = room?.[1] ?? { open: 0, clean: true, before: survivor !== undefined };
        held.open += 1;
        own.set(member, held);
        return member;
      },
      giveBack: (member, clean) => {
        const held = own.get(member as M);
        if (!held) return;
        held.open -= 1;
        held.clean &&= clean;
      },
      get shared() {
        return [...own.values()].some(({ before }) => before);
      },
      kill: async () => {
        const members = [...own.keys()];
        own.clear();
        await Promise.all(
          members.map(async (member) => {
            await member.kill();
            this.#running.delete(member);
          }),
        );
      },
      end: async () => {
        // What others left in it may have been the end of it: a second try gets new ones.
        if ([...own].some(([member, { before }]) => before && member.conversation.over)) this.#reuses = false;
        for (const each of own) {
          if (survived(each) && this.#reuses && this.#survivors.length < SURVIVORS)
            this.#survivors.push(each[0]);
          // In the background: the next check need not wait for it. `close` does.
          else void this.#end(each[0]);
        }
        own.clear();
      },
    };
  }

  /** Ends all processes. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((member) => this.#end(member)));
  }

  #roomInShared(): M {
    const { clients } = this.#options;
    const usable = [...this.#shared].filter(
      ({ member, retired, open }) => !retired && !member.conversation.over && open < clients,
    );
    const [emptiest] = usable.toSorted((a, b) => a.open - b.open);
    if (emptiest && (emptiest.open === 0 || usable.length >= SHARED)) {
      emptiest.open += 1;
      return emptiest.member as M;
    }
    const member = this.#fresh();
    this.#shared.add({ member, open: 1, retired: false });
    return member;
  }

  #leave(member: Member, clean: boolean): void {
    const shared = [...this.#shared].find((one) => one.member === member);
    if (!shared) return;
    shared.open -= 1;
    if (!clean || shared.member.conversation.over) shared.retired = true;
    if (!shared.retired || shared.open > 0) return;
    this.#shared.delete(shared);
    void this.#end(shared.member as M);
  }

  #survivor(): M | undefined {
    if (!this.#reuses) return undefined;
    const at = this.#survivors.findIndex(({ conversation }) => !conversation.over);
    return at < 0 ? undefined : this.#survivors.splice(at, 1)[0];
  }

  #fresh(): M {
    const ready = this.#spares.shift();
    while (!this.#closed && this.#spares.length < this.#options.spares) this.#spares.push(this.#start());
    return ready && !ready.conversation.over ? ready : this.#start();
  }

  #start(): M {
    const member = this.#options.start();
    this.#running.add(member);
    return member;
  }

  async #end(member: M): Promise<void> {
    await member.end();
    this.#running.delete(member);
  }
}
