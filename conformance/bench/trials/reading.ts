import { Entries } from "../entries.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { CouldNotRun } from "../../verdict.ts";
import type { Case } from "../interleave.ts";
import { parsed, type BenchServer, type BenchUser } from "../server.ts";
import { median } from "../statistics.ts";
import { inTurn } from "../timing.ts";
import { deltaPullOf, fullPullOf, socketCatchUpOf } from "../workloads.ts";
import type { Plan } from "../plan.ts";
import type { Named } from "./named.ts";

/** A user with so many entries, for several works: made when the first of them begins. */
export interface Library {
  user: BenchUser;
  entries: JsonObject[];
  source: Entries;
}

export function libraryOf({ server, seed }: Named<BenchServer>, size: number): () => Promise<Library> {
  let made: Promise<Library> | undefined;
  const make = async (): Promise<Library> => {
    const user = await server.user();
    const source = new Entries(seed, `library-${size}`);
    const entries = source.some(size);
    const step = Math.min(500, server.limits.maxItems);
    for (let from = 0; from < size; from += step) await user.push(entries.slice(from, from + step))();
    return { user, entries, source };
  };
  return () => (made ??= make());
}

export function fullPull(
  { subject }: Named<BenchServer>,
  library: () => Promise<Library>,
  size: number,
): Case {
  return {
    workload: fullPullOf(size),
    subject,
    open: async () => {
      const { user } = await library();
      const first = await user.pulled();
      const told = lengthOf(first);
      if (told === 0) throw new CouldNotRun("a full pull of a user who has entries told none");
      return {
        async once() {
          let [count, ms] = [0, 0];
          for (let since: string | undefined; ;) {
            const send = user.pull(since);
            const began = performance.now();
            const answer = await send();
            ms += performance.now() - began;
            // Reading it is the client's own affair.
            const page = parsed(answer);
            count += lengthOf(page);
            if (page["hasMore"] !== true) break;
            since = page["syncToken"] as string;
          }
          if (count !== size) throw new CouldNotRun(`a full pull of ${size} entries told ${count}`);
          return { value: (count * 1000) / ms };
        },
        close: async () => {},
      };
    },
  };
}

export function deltaPull(
  { subject }: Named<BenchServer>,
  library: () => Promise<Library>,
  size: number,
  plan: Plan["catchUp"],
): Case {
  return catchingUp(library, plan, {
    workload: deltaPullOf(plan.changes, size),
    subject,
    async catchUp(user, { syncToken }) {
      const operations = await inTurn(plan.calls, user.pull(syncToken));
      return { operations, told: lengthOf(await user.pulled(syncToken)) };
    },
  });
}

export function socketCatchUp(
  { subject }: Named<BenchServer>,
  library: () => Promise<Library>,
  size: number,
  plan: Plan["catchUp"],
): Case {
  return catchingUp(library, plan, {
    workload: socketCatchUpOf(plan.changes, size),
    subject,
    async catchUp(user, { lastSeq, epoch }) {
      const socket = await user.socket();
      let told = 0;
      const ask = () => {
        told = 0;
        socket.send({ type: "SYNC_REQUEST", lastSeq, epoch });
        return socket.next((frame) => {
          if (frame["type"] === "BULK_SYNC") told += (frame["entries"] as unknown[]).length;
          return frame["type"] === "SYNC_RESPONSE";
        });
      };
      await ask();
      const operations = await inTurn(plan.calls, ask);
      socket.close();
      return { operations, told };
    },
  });
}

/** Another device has changed some entries; a device that was away then is told of them, again and again from the same place. */
function catchingUp(
  library: () => Promise<Library>,
  plan: Plan["catchUp"],
  {
    workload,
    subject,
    catchUp,
  }: Pick<Case, "workload" | "subject"> & {
    /** Returns how long each took, and how many entries the last one told. */
    catchUp(user: BenchUser, from: Head): Promise<{ operations: readonly number[]; told: number }>;
  },
): Case {
  return {
    workload,
    subject,
    open: async () => {
      const all = await library();
      return {
        async once() {
          const { operations, told } = await catchUp(all.user, await change(all, plan.changes));
          if (told !== plan.changes)
            throw new CouldNotRun(`a catch-up of ${plan.changes} changes told ${told} of them`);
          return { value: median(operations), operations };
        },
        close: async () => {},
      };
    },
  };
}

/** Where a log ends, for pulls and for sockets. */
interface Head {
  syncToken: string;
  lastSeq: number;
  epoch: string;
}

/** Another device changes some of the entries. Returns where the log was before. */
async function change({ user, entries, source }: Library, count: number): Promise<Head> {
  const [one] = source.edited(source.sample(entries, 1));
  // A push tells a cursor at the head (PUSH-013); the empty pull from it tells the head's number, for sockets.
  const { syncToken } = await user.push([one!])();
  const { lastSeq, epoch } = await user.pulled(syncToken as string);
  await user.push(source.edited(source.sample(entries, count)))();
  return { syncToken: syncToken as string, lastSeq: lastSeq as number, epoch: epoch as string };
}

function lengthOf(page: JsonObject): number {
  return Array.isArray(page["entries"]) ? page["entries"].length : 0;
}
