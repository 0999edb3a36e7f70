import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ADAPTER_PROTOCOL, ADAPTER_VERBS } from "../../schemas/adapter-verbs.ts";
import { testClient } from "../commands/test-client.ts";
import { discoverChecks } from "../discover-checks.ts";
import type { ClientFlags } from "./client-settings.ts";
import type { RunResult } from "./result.ts";

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A program that gets each request; `say` writes a line. */
const adapter = (onRequest: string): string =>
  `${quoted(process.execPath)} -e ${quoted(`
    const say = (message) => console.log(JSON.stringify(message));
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, verb, params } = JSON.parse(line);
      const done = (result) => say({ id, ok: true, result });
      ${onRequest}
    });`)}`;

/** It says what it can do, as one that works would; `rest` is the rest of it. */
const promising = (rest: string): string => {
  const capabilities = { protocol: ADAPTER_PROTOCOL, name: "promising", verbs: ADAPTER_VERBS, timing: true };
  return adapter(`if (verb === "capabilities") return done(${JSON.stringify(capabilities)}); ${rest}`);
};

/** An answer of the right form to each verb. */
const WELL_FORMED = `done({ id: "x", items: [], count: 0, status: "connected" });`;

let folder: string | undefined;
afterEach(() => {
  if (folder) rmSync(folder, { recursive: true });
});

async function verdictOn(command: string, flags: ClientFlags = {}) {
  folder = mkdtempSync(join(tmpdir(), "dead-"));
  const report = join(folder, "result.json");
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const io = { out, env: {}, folder, signal: new AbortController().signal };
  const asked = { adapter: command, report: [`json=${report}`], timeout: 20, ...flags };
  const status = await testClient(asked, io);
  return { status, text, result: JSON.parse(readFileSync(report, "utf8")) as RunResult };
}

describe("a client that does nothing passes nothing, and the run says why:", () => {
  it.each<[string, string, RegExp, ClientFlags?]>([
    ["ends at once", "exit 3", /the adapter ended \(exit code 3\)/],
    ["hangs", "cat >/dev/null", /did not answer capabilities within 1 s/, { startTimeout: 1 }],
    ["echoes what it is asked", "cat", /answer to capabilities is not valid: it must have the member ok/],
    ["floods stdout", "yes", /wrote a line that is no JSON object; stdout is for answers/],
    [
      "answers every verb with an error",
      adapter(`say({ id, ok: false, error: { code: "NO", message: "not today" } });`),
      /the adapter answered capabilities with NO: not today/,
    ],
    [
      "answers every verb with {}",
      adapter("done({});"),
      /answer to capabilities is not valid: \/result must have the member protocol/,
    ],
    [
      "promises, and hangs",
      promising(""),
      /did not answer open within 1 s/,
      { timeout: 1, startTimeout: 20 },
    ],
    ["promises, and ends", promising("process.exit(4);"), /the adapter ended \(exit code 4\)/],
    [
      "promises, and refuses everything",
      promising(`say({ id, ok: false, error: { code: "NO", message: "not today" } });`),
      /the adapter answered open with NO: not today.*--check-adapter/,
    ],
    ["promises, and answers {}", promising("done({});"), /answer to create is not valid: \/result must have/],
    [
      "always answers the same, in the right form",
      promising(WELL_FORMED),
      /never lists the entry that it has created/,
    ],
    [
      "keeps what it is given, and sends nothing",
      promising(`
        const kept = (globalThis.kept ??= []);
        if (verb === "create") { kept.push({ ...params.item, id: String(kept.length) }); return done({ id: String(kept.length - 1) }); }
        if (verb === "list") return done({ items: kept });
        ${WELL_FORMED}`),
      /the client sent nothing to the server, though it was opened/,
    ],
  ])("one that %s", { timeout: 30_000 }, async (_, command, words, flags) => {
    const { status, text, result } = await verdictOn(command, flags);
    const checks = await discoverChecks("client");
    expect(checks.length).toBeGreaterThan(0);
    expect(result).toMatchObject({ role: "client", profiles: ["client"] });
    expect(result.summary.checks).toMatchObject({ passed: 0, "could-not-run": checks.length });
    expect(result.checks.every(({ message }) => words.test(message ?? ""))).toBe(true);
    expect(status).toBe(3);
    expect(text).toMatch(words);
  });
});
