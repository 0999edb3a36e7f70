import type { Limits } from "../../../schemas/limits.ts";
import { isRefusal, type Candidate, type Refusal } from "../candidate.ts";
import { judgeItems, type Verdict } from "../judge.ts";
import type { Clock, Visit } from "../ports.ts";
import { entitiesOf, recordsSince } from "../write.ts";
import type { WritePath } from "../write-path.ts";
import { acknowledgement } from "./answers.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";

/** A mutation whose items have been judged as far as that goes without the stored state. */
export interface Submission {
  connection: Connection;
  items: (Candidate | Refusal)[];
  several: boolean;
  clientChangeId: string | undefined;
}

interface Pending extends Submission {
  settle: PromiseWithResolvers<void>;
}

interface MutationPorts {
  hub: Hub;
  path: WritePath;
  visit: (user: string) => Visit;
  clock: Clock;
}

/** What goes into one transaction at most; a single message may be larger. */
const MOST_ITEMS = 250;
const MOST_UNITS = 1024 * 1024;

/**
 * The mutations of all sockets of a user, in the order in which they came. Those that wait go to the store together, which costs one call or two
 * however many they are: but never two that are about the same entity, so each is judged as if it had come alone.
 */
export class Mutations {
  readonly #ports: MutationPorts;
  readonly #limits: Limits;
  readonly #pending: Pending[] = [];

  constructor(ports: MutationPorts, limits: Limits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  /** Settles when the mutation has been acknowledged; rejects if it could not be stored. */
  submit(submission: Submission): Promise<void> {
    const settle = Promise.withResolvers<void>();
    this.#pending.push({ ...submission, settle });
    // One turn for each, which then takes all that wait; the later ones find nothing left.
    const turn = this.#ports.hub.turn(() => this.#write(this.#takeTogether()));
    return Promise.all([settle.promise, turn]).then(() => undefined);
  }

  #takeTogether(): Pending[] {
    const seen = new Set<string>();
    let [items, units] = [0, 0];
    const first = this.#pending[0];
    const end = this.#pending.findIndex((pending, index) => {
      const names = entitiesOf(pending.items).map(({ entityType, entityId }) => `${entityType}/${entityId}`);
      items += pending.items.length;
      units += pending.items.reduce((sum, item) => sum + (isRefusal(item) ? 0 : (item.sent?.length ?? 0)), 0);
      const fits =
        pending.connection.state.peer === first!.connection.state.peer &&
        names.every((name) => !seen.has(name)) &&
        items <= MOST_ITEMS &&
        units <= MOST_UNITS;
      for (const name of names) seen.add(name);
      return index > 0 && !fits;
    });
    return this.#pending.splice(0, end === -1 ? this.#pending.length : end);
  }

  async #write(together: readonly Pending[]): Promise<void> {
    const [first] = together;
    if (first === undefined) return;
    try {
      await this.#store(together, first.connection);
      for (const { settle } of together) settle.resolve();
    } catch (error) {
      for (const { settle } of together) settle.reject(error);
    }
  }

  async #store(together: readonly Pending[], { state }: Connection): Promise<void> {
    const { hub, path, clock } = this.#ports;
    const items = together.flatMap((pending) => pending.items);
    const visit = this.#ports.visit(state.user);
    const query = {
      endpoint: "push",
      key: null,
      recordedSince: recordsSince(visit, this.#limits),
      entities: entitiesOf(items),
    } as const;
    const { result, logged } = await path.write(visit, query, async (view) => {
      const judgement = judgeItems(items, view.rows, {
        now: visit.now,
        head: view.identity.head,
        clockSkewMs: this.#limits.clockSkewMs,
        announced: state.peer === "announced",
      });
      return { result: judgement.verdicts, rows: judgement.rows, head: judgement.head };
    });
    let from = 0;
    const writes = together.map(({ connection, several, clientChangeId, items: { length } }) => {
      const verdicts: Verdict[] = result.slice(from, (from += length));
      const answer = () =>
        connection.send(acknowledgement(verdicts, several, clientChangeId, connection.watermark, clock()));
      return { connectionId: connection.state.id, verdicts, answer };
    });
    // Durable now, and not before (RT-012).
    await hub.tell(logged, writes);
  }
}
