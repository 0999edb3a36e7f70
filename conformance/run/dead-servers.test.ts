import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { createServer as createPort } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { testServer } from "../commands/test.ts";
import { discoverChecks } from "../discover-checks.ts";
import { modelSubject } from "../drivers/in-process.ts";
import type { HttpResponse } from "../drivers/transport.ts";
import type { RunResult } from "./result.ts";
import { runCheck } from "./run-check.ts";
import type { Flags } from "./settings.ts";

const json =
  (status: number, body: string, type = "application/json"): RequestListener =>
  (request, response) => {
    request.resume().on("end", () => response.writeHead(status, { "content-type": type }).end(body));
  };
const problem = (code: string): string =>
  JSON.stringify({ type: "about:blank", title: "no", status: 401, detail: "no", code, error: "no" });

interface Told {
  status: number;
  text: string;
  result: RunResult;
}

let server: Server | undefined;
let folder: string | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  if (folder) rmSync(folder, { recursive: true });
});

async function verdictOn(listener: RequestListener): Promise<Told> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return run({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** A server of TCP alone. */
async function verdictOnPort(onSocket: (socket: Socket) => void): Promise<Told> {
  const sockets = new Set<Socket>();
  const port = createPort((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => port.listen(0, "127.0.0.1", resolve));
  try {
    return await run({ url: `http://127.0.0.1:${(port.address() as AddressInfo).port}` });
  } finally {
    for (const socket of sockets) socket.destroy();
    port.close();
  }
}

/** The first answer of success that the model gave to each call, whatever it was asked. */
async function goodAnswers(): Promise<Map<string, HttpResponse>> {
  const answers = new Map<string, HttpResponse>();
  const areas = ["discovery", "http", "pull-full", "push", "batch", "status"];
  for (const check of (await discoverChecks("server")).filter(({ area }) => areas.includes(area))) {
    const subject = await modelSubject(check);
    const { transport } = subject;
    subject.transport = async (request, signal) => {
      const answer = await transport(request, signal);
      const call = `${request.method} ${request.path}`;
      if (answer.status === 200 && !answers.has(call)) answers.set(call, answer);
      return answer;
    };
    await runCheck(check, subject, { seed: "a recording", nonce: "recorded", level: "MUST" });
  }
  return answers;
}

async function run(where: Flags): Promise<Told> {
  folder = mkdtempSync(join(tmpdir(), "dead-"));
  const report = join(folder, "result.json");
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const io = { out, env: {}, folder, signal: new AbortController().signal };
  const status = await testServer({ ...where, report: [`json=${report}`], timeout: 1 }, io);
  return { status, text, result: JSON.parse(readFileSync(report, "utf8")) as RunResult };
}

async function expectNothingPassed({ status, text, result }: Told, words: RegExp): Promise<void> {
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

  it("404 for everything", async () => {
    const verdict = await verdictOn(json(404, problem("NOT_FOUND"), "application/problem+json"));
    await expectNothingPassed(verdict, /got 404 NOT_FOUND .*Is --url the base/);
  });

  it("the request itself for an answer", async () => {
    await expectNothingPassed(
      await verdictOn((request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        request.pipe(response);
      }),
      /got 200 and a JSON object that is no answer to a pull: \{\}/,
    );
  });

  it("what a server that conforms once answered there", async () => {
    const recorded = await goodAnswers();
    await expectNothingPassed(
      await verdictOn((request, response) => {
        const canned = recorded.get(`${request.method} ${request.url}`) ?? {
          status: 404,
          headers: {},
          body: "",
        };
        request.resume().on("end", () => response.writeHead(canned.status, canned.headers).end(canned.body));
      }),
      /with a good token got 200 and results about something else; are these recorded answers\?/,
    );
  });

  it("a port that takes connections and says nothing", async () => {
    await expectNothingPassed(await verdictOnPort(() => {}), /no answer within 1 s/);
  });

  it("one that begins an answer and never ends it", async () => {
    const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
    const verdict = await verdictOnPort((socket) => void socket.once("data", () => socket.write(head)));
    await expectNothingPassed(verdict, /no answer within 1 s/);
  });

  it("a program that ends with its first request", async () => {
    const program = `require("node:http").createServer(() => process.exit(0)).listen(process.argv[1], "127.0.0.1")`;
    await expectNothingPassed(
      await run({ start: `${process.execPath} -e '${program}' {port}`, startTimeout: 10 }),
      /ended|exited|closed/,
    );
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
      await run({ url: `http://127.0.0.1:${port}` }),
      /connection refused: nothing listens there/,
    );
  });
});
