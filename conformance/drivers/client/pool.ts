import { HarnessError } from "../../verdict.ts";
import type { Member, Place } from "./host.ts";

/** So many processes are shared, as long as they have room. */
const SHARED = 2;

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
  readonly #shared = new Set<Shared>();
  /** All that may still run. */
  readonly #running = new Set<M>();
  #closed = false;

  constructor(options: PoolOptions<M>, first: M) {
    this.#options = options;
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

  /** For a check that may kill: processes that nobody else has. */
  alone(): Place {
    const own = new Map<M, number>();
    const end = async (): Promise<void> => {
      // In the background: the next check need not wait for it. `close` does.
      for (const member of own.keys()) void this.#end(member);
    };
    return {
      take: () => {
        const room = [...own].find(
          ([member, open]) => open < this.#options.clients && !member.conversation.over,
        );
        const member = room?.[0] ?? this.#fresh();
        own.set(member, (room?.[1] ?? 0) + 1);
        return member;
      },
      giveBack: (member) => {
        const open = own.get(member as M);
        if (open !== undefined) own.set(member as M, open - 1);
      },
      kill: async () => {
        await Promise.all(
          [...own.keys()].map(async (member) => {
            await member.kill();
            this.#running.delete(member);
          }),
        );
      },
      end,
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
