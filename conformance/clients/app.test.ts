import { describe, expect, it } from "vitest";
import type { AdapterVerb } from "../../schemas/adapter-verbs.ts";
import { AdapterRefusal } from "../drivers/client/port.ts";
import type { AdapterHost } from "../drivers/client/port.ts";
import { CheckFailure } from "../verdict.ts";
import { App } from "./app.ts";

const TYPE = "logbook_entry";

/** An app whose client rejects these verbs, and lists these entries. */
function appThat({ rejects, lists }: { rejects: AdapterVerb[]; lists: string[] }): App {
  const ask = (verb: AdapterVerb): Promise<unknown> => {
    if (rejects.includes(verb)) throw new AdapterRefusal(verb, { code: "NO", message: "not today" });
    return Promise.resolve(
      verb === "create" ? { id: "mine" } : { items: lists.map((id) => ({ type: TYPE, id, tries: 2 })) },
    );
  };
  const host = { ask: async (verb: AdapterVerb) => ask(verb) } as unknown as AdapterHost;
  const opening = {
    url: "http://simulator.example",
    user: "alice",
    token: "a",
    storage: "s",
    realtime: false,
    secondMs: 50,
    caughtUp: false,
  };
  const reopen = (): never => expect.unreachable();
  return new App({ host, client: "client-1", opening, reopen, took() {}, log() {} });
}

describe.each(["update", "delete"] as const)("a client that rejects the %s", (verb) => {
  const change = (app: App, id: string): Promise<void> =>
    verb === "update" ? app.update(TYPE, id, { notes: "edited" }) : app.delete(TYPE, id);

  it("of an entity of its own, which it lists, fails the check", async () => {
    const app = appThat({ rejects: [verb], lists: ["mine"] });
    const id = await app.create(TYPE, {});
    await expect(change(app, id)).rejects.toThrow(CheckFailure);
    await expect(change(app, id)).rejects.toThrow(/mine was rejected, which this client made, and lists/);
  });

  it("of what it lists no longer, or another made, may have its reasons", async () => {
    const app = appThat({ rejects: [verb], lists: ["theirs"] });
    await app.create(TYPE, {});
    for (const id of ["mine", "theirs"]) await expect(change(app, id)).rejects.toThrow(AdapterRefusal);
  });
});

it("a client that rejects to retry or drop a dead letter fails the check", async () => {
  const app = appThat({ rejects: ["retry", "discard"], lists: [] });
  await expect(app.retry(TYPE, "x")).rejects.toThrow(
    /retrying the dead letter of logbook_entry x was reject/,
  );
  await expect(app.discard(TYPE, "x")).rejects.toThrow(CheckFailure);
  await expect(app.rejects(app.discard(TYPE, "x"))).resolves.toBe(true);
});

it("a client that rejects a setting that it should have fails the check", async () => {
  const app = appThat({ rejects: ["configure"], lists: [] });
  await expect(app.configure({ autoSync: "never" })).rejects.toThrow(
    /^the setting {"autoSync":"never"} was rejected/,
  );
  await expect(app.rejects(app.configure({ autoSync: "never" }))).resolves.toBe(true);
});

it("what an adapter says more of what is pending than it has to, no check compares", async () => {
  const app = appThat({ rejects: [], lists: ["mine"] });
  expect(await app.pending()).toStrictEqual([{ type: TYPE, id: "mine" }]);
});
