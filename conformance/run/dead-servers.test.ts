import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { testServer } from "../commands/test.ts";
import type { RunResult } from "./result.ts";
import { discoverChecks } from "../discover-checks.ts";

const json =
  (status: number, body: string, type = "application/json"): RequestListener =>
  (request, response) => {
    request.resume().on("end", () => response.writeHead(status, { "content-type": type }).end(body));
  };
const problem = (code: string): string =>
  JSON.stringify({ type: "about:blank", title: "no", status: 401, detail: "no", code, error: "no" });

let server: Server | undefined;
let folder: string | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  if (folder) rmSync(folder, { recursive: true });
});

async function verdictOn(
  listener: RequestListener,
): Promise<{ status: number; text: string; result: RunResult }> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

async function run(url: string): Promise<{ status: number; text: string; result: RunResult }> {
  folder = mkdtempSync(join(tmpdir(), "dead-"));
  const report = join(folder, "result.json");
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const io = { out, env: {}, folder, signal: new AbortController().signal };
  const status = await testServer({ url, report: [`json=${report}`], timeout: 1 }, io);
  return { status, text, result: JSON.parse(readFileSync(report, "utf8")) as RunResult };
}

async function expectNothingPassed(
  { status, text, result }: Awaited<ReturnType<typeof run>>,
  words: RegExp,
): Promise<void> {
  const checks = await discoverChecks("server");
  expect(checks.length).toBeGreaterThan(0);
  expect(result.summary.checks).toMatchObject({ passed: 0, "could-not-run": checks.length });
  expect(result.checks.every(({ message }) => words.test(message ?? ""))).toBe(true);
  expect(status).toBe(3);
  expect(text).toMatch(words);
}

describe("a server that does nothing passes nothing, and the run says why:", () => {
  it("500 for everything", async () => {
    await expectNothingPassed(
      await verdictOn(json(500, "boom", "text/plain")),
      /with a good token got 500: boom/,
    );
  });

  it("200 {} for everything", async () => {
    await expectNothingPassed(
      await verdictOn(json(200, "{}")),
      /got 200 and a JSON object that is no answer to a pull: \{\}/,
    );
  });

  it("a web page for everything", async () => {
    await expectNothingPassed(
      await verdictOn(json(200, "<html>", "text/html")),
      /got 200 and no JSON \(text\/html\): <html>/,
    );
  });

  it("401 for everything", async () => {
    const verdict = await verdictOn(json(401, problem("TOKEN_INVALID"), "application/problem+json"));
    await expectNothingPassed(
      verdict,
      /got 401 TOKEN_INVALID .*the secret that the suite signs with\? Give it by --jwt-secret/,
    );
  });

  it("no answer at all", async () => {
    await expectNothingPassed(await verdictOn(() => {}), /no answer within 1 s/);
  });

  it("a connection that is closed", async () => {
    await expectNothingPassed(
      await verdictOn((request) => request.socket.destroy()),
      /the connection was closed before an answer came/,
    );
  });

  it("nobody there", async () => {
    server = createServer();
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server!.close(resolve));
    await expectNothingPassed(
      await run(`http://127.0.0.1:${port}`),
      /connection refused: nothing listens there/,
    );
  });
});
