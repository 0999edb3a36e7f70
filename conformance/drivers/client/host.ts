import type { AdapterEvent } from "../../../schemas/adapter-messages.ts";
import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import type { Answer, Capabilities, Params } from "../../../schemas/adapter.ts";
import { CouldNotRun, NotApplicable } from "../../verdict.ts";
import type { Conversation } from "./json-lines.ts";
import { AdapterGone, type AdapterHost, AdapterRefusal } from "./port.ts";

/** How long a client that a check left open may take to close. */
const CLOSING_MS = 2_000;

/** An adapter that runs: a process or a connection. */
export interface Member {
  conversation: Conversation;
  /** The last lines of its stderr. */
  lines(): readonly string[];
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Where a host's clients live. */
export interface Place {
  /** A member with room for one client more on this storage, which is taken. */
  take(storage: string): Member;
  /** Tabs have a member each. Otherwise they live in one. */
  tabsApart?: boolean;
  /** The client was closed; `clean`: in good order, so that another may take its room. */
  giveBack(member: Member, clean: boolean): void;
  /** Absent: it can't be killed, for this reason. */
  kill?(): Promise<void>;
  unkillable?: string;
  /** Other hosts may have clients in its members. */
  shared?: boolean;
  /** The host has ended, its clients are closed. */
  end(): Promise<void>;
}

interface Placed {
  member: Member;
  /** Its name within the member. */
  alias: string;
  storage: string;
  secondMs: number;
}

let hosts = 0;

/**
 * One check's clients. They may share a process with those of other checks, or have more than one: the names that clients have in
 * it are the host's own.
 */
export function hostIn(place: Place, capabilities: Capabilities): AdapterHost {
  const prefix = `${(hosts += 1)}-`;
  const placed = new Map<string, Placed>();
  /** Where a client was loaded anew: the next one on that storage starts there. */
  const reloaded: Placed[] = [];
  const members = new Set<Member>();
  let ending: Promise<void> | undefined;
  let killed = false;

  const memberFor = (storage: string): Member => {
    const at = reloaded.findIndex((one) => one.storage === storage);
    if (at >= 0) return reloaded.splice(at, 1)[0]!.member;
    const together = capabilities.tabs === true && place.tabsApart !== true;
    const tab = together ? [...placed.values()].find((one) => one.storage === storage) : undefined;
    return tab?.member ?? place.take(storage);
  };

  const asked = async <V extends AdapterVerb>(
    { conversation }: Member,
    verb: V,
    params: Params<V>,
    asleepMs = 0,
  ): Promise<Answer<V>> => {
    try {
      return await conversation.ask(verb, params, { asleepMs });
    } catch (error) {
      if (!conversation.over || !(error instanceof CouldNotRun)) throw error;
      throw new AdapterGone(error.message, { shared: place.shared === true });
    }
  };

  const open = async (params: Params<"open">) => {
    const before = placed.get(params.client);
    const member = before?.member ?? memberFor(params.storage);
    members.add(member);
    const alias = prefix + params.client;
    const { storage, secondMs } = params;
    placed.set(params.client, { member, alias, storage, secondMs });
    try {
      return await asked(member, "open", { ...params, client: alias });
    } catch (error) {
      if (!before) {
        placed.delete(params.client);
        place.giveBack(member, error instanceof AdapterRefusal);
      }
      throw error;
    }
  };

  const ask = async <V extends AdapterVerb>(verb: V, params: Params<V>): Promise<Answer<V>> => {
    if (killed || ending) throw new CouldNotRun(`the adapter was asked to ${verb} after its end`);
    if (verb === "capabilities") return capabilities;
    if (!capabilities.verbs.includes(verb))
      throw new NotApplicable(`the adapter does not do ${verb}: it does not stand in its capabilities`);
    if (verb === "open") return open(params as Params<"open">);
    const { client } = params as { client: string };
    const where = placed.get(client);
    if (!where)
      throw new AdapterRefusal(verb, { code: "NOT_OPEN", message: `No client "${client}" is open.` });
    const asleepMs = verb === "sleep" ? (params as Params<"sleep">).seconds * where.secondMs : 0;
    const answer = await asked(where.member, verb, { ...params, client: where.alias }, asleepMs);
    if (verb === "close") {
      placed.delete(client);
      place.giveBack(where.member, true);
    }
    if (verb === "reload") {
      placed.delete(client);
      reloaded.push(where);
    }
    return answer;
  };

  const closeAll = async (): Promise<void> => {
    await Promise.all(
      [...placed.values()].map(async ({ member, alias }) => {
        const clean = await member.conversation
          .ask("close", { client: alias }, { timeoutMs: CLOSING_MS })
          .then(
            () => true,
            () => false,
          );
        place.giveBack(member, clean);
      }),
    );
    placed.clear();
    for (const { member } of reloaded.splice(0)) place.giveBack(member, true);
    await place.end();
  };

  return {
    ask,
    async kill() {
      if (!place.kill) throw new NotApplicable(place.unkillable ?? "this host can't be killed");
      killed = true;
      placed.clear();
      reloaded.length = 0;
      await place.kill();
    },
    async end() {
      await (ending ??= closeAll());
    },
    events: () =>
      [...members]
        .flatMap(({ conversation }) => conversation.events)
        .filter(({ client }) => client === undefined || client.startsWith(prefix))
        .map((event) => withName(event, prefix)),
    lastLines: () => [...members].flatMap((member) => member.lines()),
  };
}

function withName(event: AdapterEvent, prefix: string): AdapterEvent {
  return event.client === undefined ? event : { ...event, client: event.client.slice(prefix.length) };
}
