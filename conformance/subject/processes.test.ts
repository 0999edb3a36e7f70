import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { httpDriver } from "../drivers/http.ts";
import { CouldNotRun, NotApplicable } from "../verdict.ts";
import { startControl } from "./control-command.ts";
import { freePort, startServer } from "./start.ts";
import { commandTokenSource } from "./token-command.ts";

const node = (script: string): string => `${JSON.stringify(process.execPath)} -e ${quoted(script)}`;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanups.splice(0)) await one();
});

async function starting(script: string, timeoutMs = 10_000) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { transport, close } = httpDriver({ url, connections: 2 });
  cleanups.push(close);
  const command = node(script.replaceAll("PORT", String(port)));
  return {
    url,
    transport,
    started: startServer({ command, url, transport, timeoutMs, signal: new AbortController().signal }),
  };
}

const SERVES = `require("http").createServer((q, s) => s.end("{}")).listen(PORT, "127.0.0.1")`;
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("--start", () => {
  it("waits for the URL, and ends the command with its children", async () => {
    const child = `const c = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]); console.log("child " + c.pid);`;
    const { started } = await starting(`${child} process.on("SIGTERM", () => {}); ${SERVES}`);
    const { group, startUpMs } = await started;
    expect(startUpMs).toBeGreaterThan(0);
    const pid = Number(/child (\d+)/.exec(group.tail())![1]);
    expect(alive(pid)).toBe(true);
    await group.stop();
    await expect.poll(() => alive(pid)).toBe(false);
  });

  it("says how a command ended that never served, with its last words", async () => {
    const { started } = await starting(`console.error("no database at /dev/null"); process.exit(7)`);
    await expect(started).rejects.toThrow(
      /the command ended \(exit code 7\) before http.* answered[^]*no database at \/dev\/null/,
    );
    await expect(started).rejects.toBeInstanceOf(CouldNotRun);
  });

  it("gives up on a command that never serves", async () => {
    const { started } = await starting(`setInterval(() => {}, 1000)`, 300);
    await expect(started).rejects.toThrow(/did not answer within 0.3 s of --start \(connection refused/);
  });

  it("refuses to test what was running before", async () => {
    const server = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { transport, close } = httpDriver({ url, connections: 1 });
    cleanups.push(close);
    const options = {
      command: "true",
      url,
      transport,
      timeoutMs: 1_000,
      signal: new AbortController().signal,
    };
    await expect(startServer(options)).rejects.toThrow(/something answers at .* before --start/);
  });
});

describe("--token-command", () => {
  const request = { user: "alice", claims: { sub: "alice" }, header: { alg: "HS256" } };

  it("gets user, claims and header, and prints the token", async () => {
    const echo = node(
      `process.stdin.on("data", (d) => console.log(JSON.parse(d).user + "." + JSON.parse(d).header.alg))`,
    );
    expect(await commandTokenSource(echo).mint(request)).toBe("alice.HS256");
  });

  it("cannot forge what it does not print", async () => {
    const refused = commandTokenSource(node(`console.error("only HS256"); process.exit(3)`)).mint(request);
    await expect(refused).rejects.toThrow(/cannot forge .*"alg":"HS256".* \(exit code 3: only HS256\)/);
    await expect(refused).rejects.toBeInstanceOf(NotApplicable);
    await expect(commandTokenSource("true").mint(request)).rejects.toThrow(/it printed nothing/);
  });
});

const answering = (verbs: string[], rest = ""): string =>
  node(`require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, verb } = JSON.parse(line);
      if (verb === "capabilities") console.log("a log line"), console.log(JSON.stringify({ id, ok: true, result: { verbs: ${JSON.stringify(verbs)} } }));
      ${rest}
    })`);

describe("--control", () => {
  it("offers the verbs it names, those we know", async () => {
    const { port, group } = await startControl(
      answering(["restart", "dance"], `else console.log(JSON.stringify({ id, ok: true }))`),
    );
    cleanups.push(group.stop);
    expect(port.verbs).toEqual(["restart"]);
    await port.invoke("restart");
  });

  it("tells a refusal, silence and an end", async () => {
    const refusing = await startControl(
      answering(["kill"], `else console.log(JSON.stringify({ id, ok: false, error: "not now" }))`),
    );
    cleanups.push(refusing.group.stop);
    await expect(refusing.port.invoke("kill")).rejects.toThrow("control command refused verb kill: not now");
    const silent = await startControl(answering(["kill"]), { timeoutMs: 5_000 });
    cleanups.push(silent.group.stop);
    await expect(silent.port.invoke("kill")).rejects.toThrow(/verb kill: no answer within 5 s/);
    const chatting = "echo ready; sleep 1000";
    await expect(startControl(chatting, { timeoutMs: 2_000 })).rejects.toThrow(
      /on stdout, .* it wrote: ready/,
    );
    const interrupted = AbortSignal.abort(new CouldNotRun("interrupted"));
    await expect(startControl(chatting, { signal: interrupted })).rejects.toThrow("interrupted");
    await expect(startControl(node(`console.error("bad key"); process.exit(1)`))).rejects.toThrow(
      /it ended \(exit code 1\)[^]*bad key/,
    );
  });
});
