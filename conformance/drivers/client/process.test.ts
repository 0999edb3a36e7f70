import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { ADAPTER_PROTOCOL, REQUIRED_VERBS } from "../../../schemas/adapter-verbs.ts";
import { UsageError } from "../../run/select.ts";
import { CouldNotRun, NotApplicable } from "../../verdict.ts";
import type { AdapterHost, ClientSubject } from "./port.ts";
import { processSubject, type ProcessOptions } from "./process.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanups.splice(0)) await one();
});

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const node = (script: string): string => `${quoted(process.execPath)} -e ${quoted(script)}`;

/** An adapter that keeps nothing; a new entity's id tells its process. `rest` sees each request first, and may `return`. */
function adapter(capabilities: object = {}, rest = ""): string {
  const said = { protocol: ADAPTER_PROTOCOL, name: "fake", verbs: REQUIRED_VERBS, ...capabilities };
  return node(`
    const say = (message) => console.log(JSON.stringify(message));
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, verb, params } = JSON.parse(line);
      const done = (result) => say({ id, ok: true, result });
      ${rest}
      if (verb === "capabilities") done(${JSON.stringify(said)});
      else if (verb === "create") done({ id: String(process.pid) });
      else if (verb === "list") done({ items: [] });
      else done({});
    });`);
}

async function subjectOf(command: string, options: Partial<ProcessOptions> = {}): Promise<ClientSubject> {
  const subject = await processSubject({ command, answerTimeoutMs: 10_000, ...options });
  cleanups.push(() => subject.close!());
  return subject;
}

function opening(client = "a") {
  const token = "a-token-that-nobody-else-has";
  return {
    client,
    url: "http://127.0.0.1:1",
    user: "u",
    token,
    storage: "/s",
    realtime: false,
    secondMs: 50,
  };
}

const open = async (host: AdapterHost, client = "a"): Promise<number> => {
  await host.ask("open", opening(client));
  return Number((await host.ask("create", { client, type: "goal", item: {} })).id);
};

/** What has ended, and waits for somebody to ask how, runs no more. */
function alive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return !/^(?:Z|$)/.test(stdout.trim());
}

describe("an adapter's process", () => {
  it("says what it can do, and is ended with the subject, its storages too", async () => {
    const subject = await processSubject({ command: adapter({ version: "2" }), answerTimeoutMs: 10_000 });
    expect(subject.capabilities).toMatchObject({ name: "fake", version: "2" });
    expect(subject.network).toBe("loopback");
    const [one, other] = [subject.newStorage(), subject.newStorage()];
    expect(existsSync(one)).toBe(false);
    expect(one).not.toBe(other);
    mkdirSync(one);
    const pid = await open(await subject.launch());
    await subject.close!();
    expect(alive(pid)).toBe(false);
    expect(existsSync(join(one, ".."))).toBe(false);
  });

  it("is killed with all that it started", async () => {
    const child = `if (verb === "create") { done({ id: String(require("child_process").spawn("sleep", ["1000"]).pid) }); return; }`;
    const subject = await subjectOf(adapter({}, child));
    const host = await subject.launch({ alone: true });
    const pid = await open(host);
    expect(alive(pid)).toBe(true);
    await host.kill();
    expect(alive(pid)).toBe(false);
    await expect(host.ask("status", { client: "a" })).rejects.toThrow(/asked to status after its end/);
  });

  it("is ended by force where it does not end with its input", async () => {
    const stubborn = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`;
    const subject = await processSubject({
      command: adapter({}, stubborn),
      answerTimeoutMs: 10_000,
      spares: 0,
    });
    const pid = await open(await subject.launch());
    await subject.close!();
    expect(alive(pid)).toBe(false);
  });

  it("ends with the suite, even if that is killed", async () => {
    const stubborn = adapter({}, `setInterval(() => {}, 1000); process.stdin.on("end", () => {});`);
    const program = `
      import { processSubject } from ${JSON.stringify(join(fileURLToPath(import.meta.url), "..", "process.ts"))};
      const subject = await processSubject({ command: ${JSON.stringify(stubborn)}, answerTimeoutMs: 10_000 });
      const host = await subject.launch();
      await host.ask("open", ${JSON.stringify(opening())});
      console.log((await host.ask("create", { client: "a", type: "goal", item: {} })).id);`;
    // It can't tidy up.
    const folder = mkdtempSync(join(tmpdir(), "killed-"));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const suite = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
      env: { ...process.env, TMPDIR: folder },
    });
    const pid = await new Promise<number>((resolve, reject) => {
      suite.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk)));
      suite.stderr.once("data", (chunk: Buffer) => reject(new Error(chunk.toString())));
    });
    expect(alive(pid)).toBe(true);
    suite.kill("SIGKILL");
    await expect.poll(() => alive(pid)).toBe(false);
    // Where TMPDIR tells, and not in memory.
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^mirubato-/)]);
  });

  it("that dies says how, with the end of its stderr, without secrets", async () => {
    const dies = `if (verb === "open") { console.error("1\\n2\\nno such user for " + params.token); process.exit(7); }`;
    const subject = await subjectOf(adapter({}, dies));
    const host = await subject.launch();
    const asked = host.ask("open", opening());
    await expect(asked).rejects.toThrow(
      /^the adapter ended \(exit code 7\): [^]*its last output:\n {2}\| 1\n {2}\| 2\n {2}\| no such user for <redacted>$/,
    );
    expect(host.lastLines!()).toEqual(["1", "2", "no such user for <redacted>"]);
    // Another check is not harmed.
    await expect((await subject.launch()).ask("open", opening())).rejects.toThrow(/exit code 7/);
  });

  it.each<[string, string, RegExp]>([
    ["ends at once", "exit 3", /the adapter ended \(exit code 3\): exit 3$/],
    ["says nothing", "cat >/dev/null", /did not answer capabilities within 0.3 s/],
    ["echoes", "cat", /answer to capabilities is not valid: it must have the member ok/],
    ["floods stdout", "yes", /wrote a line that is no JSON object; .*\(line 1 of its stdout: y\)/],
    ["floods stdout with one line", "tr '\\0' x </dev/zero", /longer than 16 MiB/],
    ["answers {} to everything", adapter({}, "done({}); return;"), /\/result must have the member protocol/],
    [
      "speaks another version",
      adapter({ protocol: "adapter 2" }),
      /\/result\/protocol must be "mirubato-sync adapter 1"/,
    ],
    [
      "does too little",
      adapter({ verbs: ["capabilities", "open"] }),
      /capabilities lack create, update, .*nothing to check/,
    ],
    [
      "refuses everything",
      adapter({}, `say({ id, ok: false, error: { code: "NO", message: "not today" } }); return;`),
      /the adapter answered capabilities with NO: not today/,
    ],
  ])("that %s is no subject, and is gone", async (_, command, why) => {
    const startTimeoutMs = command === "cat >/dev/null" ? 300 : 10_000;
    const made = processSubject({ command, answerTimeoutMs: 10_000, startTimeoutMs });
    await expect(made).rejects.toThrow(why);
    await expect(made).rejects.toBeInstanceOf(CouldNotRun);
  });

  it.each([
    ["is not there", "no-such-adapter-anywhere", /exit code 127\)[^]*not found/],
    ["is no program", join(fileURLToPath(import.meta.url), ".."), /exit code 126\)/],
  ])("that %s is a mistake of the user's", async (_, command, why) => {
    const made = processSubject({ command, answerTimeoutMs: 10_000 });
    await expect(made).rejects.toThrow(why);
    await expect(made).rejects.toBeInstanceOf(UsageError);
  });

  it("is not asked for what it does not do", async () => {
    const subject = await subjectOf(adapter());
    const host = await subject.launch();
    await open(host);
    await expect(host.ask("flush", { client: "a" })).rejects.toBeInstanceOf(NotApplicable);
    await expect(host.ask("list", { client: "b", type: "goal" })).rejects.toThrow(/NOT_OPEN/);
  });
});

describe("processes are shared", () => {
  it("by checks that kill nothing, where one process can hold several clients", async () => {
    const subject = await subjectOf(adapter({ clients: 3 }));
    const hosts = await Promise.all(Array.from({ length: 8 }, () => subject.launch()));
    const pids = await Promise.all(hosts.map((host) => open(host)));
    expect(new Set(pids).size).toBe(3);
    const alone = await subject.launch({ alone: true });
    const own = await open(alone);
    expect(pids).not.toContain(own);
    await expect(hosts[0]!.kill()).rejects.toThrow(/must launch\(\{ alone: true \}\)/);
    // Room that was given back is used again.
    await Promise.all(hosts.map((host) => host.end()));
    expect(pids).toContain(await open(await subject.launch()));
  });

  it("by one check after the other, where each has it for itself, is not killed and leaves it in good order", async () => {
    const subject = await subjectOf(adapter({ clients: 3 }));
    const used = async (leave: (host: AdapterHost) => Promise<void>): Promise<number> => {
      const host = await subject.launch({ alone: true });
      const pid = await open(host);
      await leave(host);
      return pid;
    };
    const ended = (host: AdapterHost): Promise<void> => host.end();
    const first = await used(ended);
    expect(await used(ended)).toBe(first);
    expect(await used((host) => host.kill())).toBe(first);
    const next = await used(ended);
    expect(next).not.toBe(first);
    const [one, other] = await Promise.all([
      subject.launch({ alone: true }),
      subject.launch({ alone: true }),
    ]);
    expect(await open(one)).toBe(next);
    expect(await open(other)).not.toBe(next);
  });

  it("by no check after one that it did not close for", async () => {
    const stuck = `if (verb === "close") { say({ id, ok: false, error: { code: "NO", message: "not today" } }); return; }`;
    const subject = await subjectOf(adapter({ clients: 3 }, stuck));
    const host = await subject.launch({ alone: true });
    const pid = await open(host);
    await host.end();
    expect(await open(await subject.launch({ alone: true }))).not.toBe(pid);
  });

  it("by no further check, where one ended under a check that had it for itself", async () => {
    const second = `if (verb === "open" && globalThis.used) process.exit(9); globalThis.used ||= verb === "open";`;
    const subject = await subjectOf(adapter({ clients: 3 }, second));
    const first = await subject.launch({ alone: true });
    await open(first);
    await first.end();
    // It may have been the earlier check's doing, and is told so: the next try gets a new one, and so do all from then on.
    const blamed = await subject.launch({ alone: true });
    await expect(open(blamed)).rejects.toMatchObject({ name: "CouldNotRun", shared: true });
    await blamed.end();
    for (let n = 0; n < 2; n += 1) {
      const host = await subject.launch({ alone: true });
      await open(host);
      await host.end();
    }
  });

  it("by nobody, where it can hold one", async () => {
    const subject = await subjectOf(adapter());
    const host = await subject.launch({ alone: true });
    const [one, other] = [await open(host, "a"), await open(host, "b")];
    expect(one).not.toBe(other);
    await host.kill();
    expect([alive(one), alive(other)]).toEqual([false, false]);
  });

  it("under names of each host's own", async () => {
    const twice = `const open = globalThis.open ??= new Set();
      if (verb === "open") { if (open.has(params.client)) process.exit(9); open.add(params.client); say({ event: "opened", client: params.client }); }
      if (verb === "close") open.delete(params.client);`;
    const subject = await subjectOf(adapter({ clients: 5 }, twice));
    const [one, other] = [await subject.launch(), await subject.launch()];
    await open(one, "phone");
    await open(other, "phone");
    expect(one.events!()).toEqual([{ event: "opened", client: "phone" }]);
    // What a check leaves open is closed with its host.
    await one.end();
    await open(await subject.launch(), "phone");
  });
});
