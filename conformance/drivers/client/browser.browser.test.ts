import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ADAPTER_PROTOCOL, REQUIRED_VERBS } from "../../../schemas/adapter-verbs.ts";
import { testClient } from "../../commands/test-client.ts";
import type { RunResult } from "../../run/result.ts";
import { UsageError } from "../../run/select.ts";
import { CouldNotRun } from "../../verdict.ts";
import { launchChromium } from "./chromium.ts";
import { browserSubject, type BrowserOptions } from "./browser.ts";
import type { AdapterHost, ClientSubject } from "./port.ts";

const folder = mkdtempSync(join(tmpdir(), "pages-"));
const browser = await launchChromium();
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const subjects: ClientSubject[] = [];
afterEach(async () => {
  for (const one of subjects.splice(0)) await one.close!();
});

let pages = 0;

function pageOf(script: string): string {
  const file = join(folder, `${(pages += 1)}.html`);
  writeFileSync(file, `<!doctype html><title>adapter</title><script>${script}</script>`);
  return file;
}

/**
 * An app that keeps titles of goals in IndexedDB, and heeds no `storage`. `pending` counts how often it was offline, `dead-letters` how
 * often its pages could say farewell. `rest` sees each request first, and may `return`.
 */
function app(capabilities: object = {}, rest = ""): string {
  const said = { protocol: ADAPTER_PROTOCOL, name: "fake", verbs: REQUIRED_VERBS, ...capabilities };
  return pageOf(`
    const opened = new Promise((done) => {
      const asked = indexedDB.open("app");
      asked.onupgradeneeded = () => asked.result.createObjectStore("goals", { autoIncrement: true });
      asked.onsuccess = () => done(asked.result);
    });
    const within = async (mode, act) => {
      const transaction = (await opened).transaction("goals", mode);
      const request = act(transaction.objectStore("goals"));
      return new Promise((done) => { transaction.oncomplete = () => done(request.result); });
    };
    let offline = 0;
    addEventListener("offline", () => { if (!navigator.onLine) offline += 1; });
    addEventListener("pagehide", () => localStorage.setItem("farewell", "1"));
    const page = Math.random().toString(36).slice(2);
    const verbs = {
      capabilities: () => (${JSON.stringify(said)}),
      open: ({ client }) => { window.mirubatoAdapter.onEvent({ event: "opened", client, id: "of the event" }); },
      create: async ({ item }) => { await within("readwrite", (goals) => goals.add(item.title)); return { id: page }; },
      list: async () => ({ items: (await within("readonly", (goals) => goals.getAll())).map((title) => ({ title })) }),
      pending: () => ({ items: [], count: offline }),
      status: () => ({ status: "connected" }),
      "dead-letters": () => ({ items: localStorage.getItem("farewell") ? [{ type: "goal", id: "farewell" }] : [] }),
    };
    window.mirubatoAdapter = {
      async ask(verb, params) {
        ${rest}
        return verbs[verb]?.(params);
      },
    };`);
}

async function subjectOf(page: string, options: Partial<BrowserOptions> = {}): Promise<ClientSubject> {
  const subject = await browserSubject({ page, browser, answerTimeoutMs: 10_000, ...options });
  subjects.push(subject);
  return subject;
}

async function open(host: AdapterHost, storage: string, client = "a"): Promise<void> {
  const [url, user, token] = ["http://127.0.0.1:1", "u", "a-token-that-nobody-else-has"];
  await host.ask("open", { client, url, user, token, storage, realtime: false, secondMs: 50 });
}

const create = async (host: AdapterHost, title: string, client = "a"): Promise<string> =>
  (await host.ask("create", { client, type: "goal", item: { title } })).id;
const titles = async (host: AdapterHost, client = "a"): Promise<unknown[]> =>
  (await host.ask("list", { client, type: "goal" })).items.map(({ title }) => title);

describe("a page", () => {
  it("says what it can do; the browser adds tabs, what it tells of the network, reloads and sleep", async () => {
    const subject = await subjectOf(app({ version: "2" }));
    expect(subject.capabilities).toMatchObject({ name: "fake", version: "2", tabs: true });
    expect(subject.capabilities.verbs).toEqual([...REQUIRED_VERBS, "offline", "online", "reload", "sleep"]);
    expect(subject.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it("of which nothing is left but what it stored, where it is killed", async () => {
    const subject = await subjectOf(app());
    const storage = subject.newStorage();
    const first = await subject.launch({ alone: true });
    await open(first, storage);
    const page = await create(first, "Scales");
    const waits = first.ask("list", { client: "a", type: "goal" });
    await Promise.all([first.kill(), waits.catch(() => {})]);
    await expect(titles(first)).rejects.toThrow(/asked to list after its end/);

    const second = await subject.launch({ alone: true });
    await open(second, storage);
    expect(await titles(second)).toEqual(["Scales"]);
    expect((await second.ask("dead-letters", { client: "a" })).items).toEqual([]);
    expect(await create(second, "Arpeggios")).not.toBe(page);
  });

  it("is a tab of those on its storage, and knows nothing of the others", async () => {
    const subject = await subjectOf(app());
    const [ours, theirs] = [subject.newStorage(), subject.newStorage()];
    const host = await subject.launch();
    await open(host, ours, "first");
    await open(host, ours, "second");
    await open(host, theirs, "other");
    const made = [await create(host, "Scales", "first"), await create(host, "Thirds", "second")];
    expect(new Set(made).size).toBe(2);
    expect(await titles(host, "first")).toEqual(["Scales", "Thirds"]);
    expect(await titles(host, "other")).toEqual([]);
  });

  it("hears that it is offline from the browser, alone, and may be wrong about that", async () => {
    const ask = `if (verb === "status") { await fetch(location.href); }`;
    const subject = await subjectOf(app({ clients: 2 }, ask));
    const host = await subject.launch();
    for (const client of ["one", "other"]) await open(host, subject.newStorage(), client);
    await host.ask("offline", { client: "one" });
    const told = async (client: string): Promise<number> => (await host.ask("pending", { client })).count;
    await expect.poll(() => told("one")).toBe(1);
    expect(await told("other")).toBe(0);
    expect(await host.ask("status", { client: "one" })).toEqual({ status: "connected" });
    await host.ask("online", { client: "one" });
    await host.ask("offline", { client: "one" });
    await expect.poll(() => told("one")).toBe(2);
  });

  it("is loaded anew with what it stored, and has said farewell; what it was asked is refused", async () => {
    const ask = `if (verb === "status") { await new Promise(() => {}); }`;
    const subject = await subjectOf(app({ clients: 2 }, ask));
    const storage = subject.newStorage();
    const host = await subject.launch();
    await open(host, storage);
    const page = await create(host, "Scales");
    const waits = host.ask("status", { client: "a" });
    waits.catch(() => {});
    await host.ask("reload", { client: "a" });
    await expect(waits).rejects.toThrow(/answered status with RELOADED: the page was loaded anew/);
    await expect(titles(host)).rejects.toThrow(/No client "a" is open/);

    await open(host, storage, "b");
    expect(await titles(host, "b")).toEqual(["Scales"]);
    expect((await host.ask("dead-letters", { client: "b" })).items).toHaveLength(1);
    expect(await create(host, "Arpeggios", "b")).not.toBe(page);
    expect(host.events!()).toContainEqual({ event: "opened", client: "b", id: "of the event" });
  });

  it("sleeps alone: none of its timers fires meanwhile", async () => {
    const ticking = `
      if (verb === "open") {
        let last = performance.now();
        window.ticks = window.gap = 0;
        setInterval(() => {
          window.ticks += 1;
          window.gap = Math.max(window.gap, performance.now() - last);
          last = performance.now();
        }, 10);
      }
      if (verb === "pending") return { items: [{ type: "goal", id: String(window.gap) }], count: window.ticks };`;
    const subject = await subjectOf(app({ clients: 2 }, ticking));
    const host = await subject.launch();
    for (const client of ["one", "other"]) await open(host, subject.newStorage(), client);
    const told = (client: string) => host.ask("pending", { client });
    const before = (await told("other")).count;
    let asleep = true;
    // Of 50 ms each.
    const sleeping = host.ask("sleep", { client: "one", seconds: 20 }).then(() => (asleep = false));
    await expect.poll(async () => (await told("other")).count).toBeGreaterThan(before + 3);
    expect(asleep).toBe(true);
    await sleeping;
    const gap = async (): Promise<number> => Number((await told("one")).items[0]!.id);
    await expect.poll(gap).toBeGreaterThan(900);
  });

  it("is used again where it heeds storages itself, and was not killed", async () => {
    const subject = await subjectOf(app({ clients: 2 }));
    const made: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const host = await subject.launch();
      await open(host, subject.newStorage());
      made.push(await create(host, "Scales"));
      expect(host.events!()).toContainEqual({ event: "opened", client: "a", id: "of the event" });
      await host.end();
    }
    expect(new Set(made).size).toBe(1);
    const alone = await subject.launch({ alone: true });
    await open(alone, subject.newStorage());
    expect(made).not.toContain(await create(alone, "Scales"));
    expect(await titles(alone)).toEqual(["Scales"]);
  });

  it("keeps what its policy forbids to scripts, and is asked all the same", async () => {
    const page = app();
    const strict = `<meta http-equiv="content-security-policy" content="script-src 'unsafe-inline'; connect-src 'none'">`;
    const html = pageOf("").replace(/\d+\.html$/, "strict.html");
    writeFileSync(html, readFileSync(page, "utf8").replace("<title>", `${strict}<title>`));
    const host = await (await subjectOf(html)).launch();
    await open(host, "/s");
    expect(await create(host, "Scales")).not.toBe("");
  });
});

describe.concurrent("a page that", () => {
  const refusal = (page: string, times: Partial<BrowserOptions> = {}) =>
    browserSubject({ page, browser, answerTimeoutMs: 20_000, ...times }).catch((error: unknown) => error);
  const ABSENT = /the page has not defined window\.mirubatoAdapter = \{ ask\(verb, params\) \} within 5 s/;

  it.each<[string, string, RegExp]>([
    ["is empty", "", ABSENT],
    ["throws", `throw new Error("no such module");`, /its console:\n {2}\| uncaught: no such module/],
    ["defines something else", `window.mirubatoAdapter = { handle() {} };`, ABSENT],
  ])("%s is a mistake, and waited for no longer than it may take", async (_, script, why) => {
    const error = await refusal(pageOf(script), { startTimeoutMs: 5_000 });
    expect(String(error)).toMatch(why);
    expect(error).toBeInstanceOf(UsageError);
  });

  it.each<[string, string]>([
    ["answers nothing", `new Promise(() => {})`],
    ["blocks", `{ for (;;); }`],
  ])("%s is waited for no longer than it may take", async (_, answer) => {
    const page = pageOf(`window.mirubatoAdapter = { ask: () => ${answer} };`);
    const error = await refusal(page, { answerTimeoutMs: 700, startTimeoutMs: 20_000 });
    expect(String(error)).toMatch(/did not answer capabilities within 0\.7 s/);
    expect(error).toBeInstanceOf(CouldNotRun);
  });

  it.each<[string, string, RegExp]>([
    ["throws what is no error", `() => { throw 7; }`, /\/error must have the member code/],
    [
      "rejects without a code",
      `async () => undefined.client`,
      /\/error must have the member code; an error has a "code".*the page told: .*Cannot read properties of undefined/,
    ],
    [
      "refuses",
      `() => Promise.reject({ code: "NO", message: "not today" })`,
      /answered capabilities with NO: not today/,
    ],
    ["answers {}", `async () => ({})`, /must have the member protocol/],
    ["answers text", `async () => "yes"`, /\/result must be an object/],
    ["answers what is no JSON", `async () => window`, /answer to capabilities is not valid/],
    [
      "goes elsewhere",
      `() => new Promise(() => { location.href = "about:blank"; })`,
      /the page was loaded anew, or left: what its adapter held is gone/,
    ],
  ])("%s is no subject", async (_, ask, why) => {
    const error = await refusal(pageOf(`window.mirubatoAdapter = { ask: ${ask} };`));
    expect(String(error)).toMatch(why);
    expect(error).toBeInstanceOf(CouldNotRun);
  });

  it.each<[string, RegExp]>([
    [
      join(folder, "no-such-page.html"),
      /--browser: there is no file .*no-such-page\.html; name an HTML file/,
    ],
    [fileURLToPath(import.meta.url), /--browser: .*browser\.test\.ts is no page, as .*; name an HTML file/],
    [
      "http://127.0.0.1:1/adapter.html",
      /--browser: the page does not load \(.*ERR_.*\); start what serves it/,
    ],
  ])("is not there is told so: %s", async (page, why) => {
    const error = await refusal(page);
    expect(String(error)).toMatch(why);
    expect(error).toBeInstanceOf(UsageError);
  });

  it("is not there where others are served is told so", async () => {
    const server = createServer((_, response) => response.writeHead(404).end("not here"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const error = await refusal(`http://127.0.0.1:${port}/adapter.html`);
    server.close();
    expect(String(error)).toMatch(/--browser: the page was answered with 404; start what serves it, or name/);
    expect(error).toBeInstanceOf(UsageError);
  });

  it.each<[string, string, RegExp]>([
    ["answers {} to whatever it is asked", `return {};`, /answer to create is not valid/],
    ["refuses whatever it is asked", `throw { code: "NO", message: "not today" };`, /answered open with NO/],
    ["is loaded anew when it is opened", `location.reload();`, /loaded anew/],
    ["sends nothing", "", /the client sent nothing to the server|never lists the entry/],
  ])("%s passes no check", async (_, answer, why) => {
    const page = app(
      { timing: true },
      `if (verb !== "capabilities" ${answer ? "" : "&& false"}) { ${answer} }`,
    );
    const report = page.replace(/html$/, "json");
    const out = { write() {}, live: false, columns: 110 };
    const io = { out, env: {}, folder, signal: new AbortController().signal };
    const status = await testClient({ browser: page, report: [`json=${report}`], only: ["CLI-018"] }, io);
    const { summary, checks } = JSON.parse(readFileSync(report, "utf8")) as RunResult;
    expect(status).toBe(3);
    expect(summary.checks).toMatchObject({ passed: 0, "could-not-run": checks.length });
    expect(checks[0]?.message).toMatch(why);
  });
});
