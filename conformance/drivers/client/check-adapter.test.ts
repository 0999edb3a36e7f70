import { afterEach, describe, expect, it } from "vitest";
import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import { CouldNotRun } from "../../verdict.ts";
import { clientOnPorts } from "../testing/client-on-ports.ts";
import { checkAdapter, type Tried } from "./check-adapter.ts";
import { AdapterRefusal, type ClientSubject } from "./port.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanups.splice(0)) await one();
});

function overPorts(): ClientSubject {
  const subject = clientOnPorts();
  cleanups.push(() => subject.close());
  return subject;
}

/** What answers in the place of some verbs; `go` asks the client behind. */
type Bent = (
  verb: AdapterVerb,
  params: Record<string, unknown>,
  go: () => Promise<unknown>,
) => Promise<unknown>;

function bent(bend: Bent, capabilities: Partial<ClientSubject["capabilities"]> = {}): ClientSubject {
  const subject = overPorts();
  return {
    ...subject,
    capabilities: { ...subject.capabilities, ...capabilities },
    async launch(options) {
      const host = await subject.launch(options);
      const ask = (verb: AdapterVerb, params: never): Promise<never> =>
        bend(verb, params, () => host.ask(verb, params)) as Promise<never>;
      return { ...host, ask, kill: () => host.kill(), end: () => host.end() };
    },
  };
}

async function tried(subject: ClientSubject) {
  const all: Tried[] = [];
  const works = await checkAdapter(subject, (one) => all.push(one));
  return { works, all, wrong: all.filter(({ outcome }) => outcome === "wrong") };
}

describe("an adapter is tried", () => {
  it("verb by verb, and nothing is wrong with a good one", async () => {
    const { works, all, wrong } = await tried(overPorts());
    expect(wrong).toEqual([]);
    expect(works).toBe(true);
    expect(all.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["open", "list", "flush", "pull", "close", "a kill", "tabs", "realtime"]),
    );
  });

  it("as far as it declares what it does", async () => {
    const few = ["open", "create", "update", "delete", "list", "pending", "dead-letters", "status", "close"];
    const { works, all } = await tried(
      bent((_, __, go) => go(), {
        verbs: ["capabilities", ...few] as AdapterVerb[],
        clients: 1,
        realtime: false,
        tabs: false,
      }),
    );
    expect(works).toBe(true);
    const missing = all.filter(({ outcome }) => outcome === "missing").map(({ name }) => name);
    expect(missing).toEqual(
      expect.arrayContaining(["flush", "pull", "report", "clients", "realtime", "tabs"]),
    );
  });

  it("and told all that is wrong, each with a remedy", async () => {
    const instead: Partial<Record<AdapterVerb, (go: () => Promise<unknown>) => Promise<unknown>>> = {
      list: async (go) => {
        const { items } = (await go()) as { items: { notes?: string }[] };
        return { items: items.filter(({ notes }) => notes !== "to be listed") };
      },
      update: async () => ({}),
      delete: async () => ({}),
      pending: async (go) => ({ ...((await go()) as object), count: 99 }),
      flush: async () => ({}),
      sleep: async () => ({}),
      pull: async () => ({}),
      status: async () => {
        throw new AdapterRefusal("status", { code: "INTERNAL", message: "oh" });
      },
      report: async () => {
        throw new CouldNotRun("the adapter ended (exit code 1)");
      },
    };
    const { works, wrong } = await tried(
      bent((verb, params, go) => {
        if (verb === "open") params["realtime"] = true;
        return instead[verb]?.(go) ?? go();
      }),
    );
    expect(works).toBe(false);
    const expected: Record<string, RegExp> = {
      list: /the entry that `create` made is not in it/,
      update: /notes are "before" and duration is 30, not "after" and 30/,
      delete: /the entry is listed on/,
      pending: /count is 99, and there/,
      status: /the adapter answered status with INTERNAL: oh/,
      "the server is reached": /with `realtime: false` it asked for a WebSocket/,
      flush: /answered before what waited had been sent/,
      pull: /an entry of another device is not listed/,
      report: /the adapter ended \(exit code 1\)/,
      configure: /the adapter ended \(exit code 1\)/,
      sleep: /answered after \d+ ms, and 2 seconds of the client's time take \d+ ms/,
    };
    expect(wrong.map(({ name }) => name)).toEqual(Object.keys(expected));
    for (const { name, words } of wrong) expect(words).toMatch(expected[name]!);
    expect(wrong.filter(({ words, remedy }) => !remedy && !words.includes("ended"))).toEqual([]);
  });

  it("and told where it loses members, or what it has stored", async () => {
    const { wrong } = await tried(
      bent((verb, params, go) => {
        if (verb === "create") delete (params["item"] as Record<string, unknown>)["notes"];
        if (verb === "open") params["storage"] = `${String(params["storage"])}-${Math.random()}`;
        return go();
      }),
    );
    expect(wrong.map(({ name, words }) => `${name}: ${words}`)).toEqual([
      "list: the entry that `create` made has lost its `notes`",
      "close: what was created before `close` is not listed by a client on the same storage",
      "reload: what was created before `reload` is not listed by a client on the same storage",
      "a kill: what was created before a kill is not listed by a client on the same storage",
    ]);
  });

  it("and no further than to `open`, where that does not work", async () => {
    const { all } = await tried(
      bent((verb, _, go) =>
        verb === "open" ? Promise.reject(new CouldNotRun("the adapter did not answer open")) : go(),
      ),
    );
    expect(all.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["capabilities", "works"],
      ["open", "wrong"],
    ]);
  });
});
