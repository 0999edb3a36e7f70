import { createServer } from "node:http";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testServer } from "../commands/test.ts";
import type { HttpResponse } from "../drivers/transport.ts";
import { createModel } from "../model/model.ts";
import type { Model } from "../model/model.ts";
import { listen } from "../model/node-http.ts";
import type { Flags } from "../run/settings.ts";
import type { RunResult } from "../run/result.ts";
import { CouldNotRun } from "../verdict.ts";
import { signJwt } from "./jwt.ts";

const SECRET = 'Planted/signing+secret=of a "server" 7f3a91c2';
const HEADER = "planted-operators-key-51c8e0d2";
const COOKIE = "planted-cookie-value-b40a77e9";
const PASSWORD = "planted:pass/word+e8d1";
const BEARER = signJwt({ alg: "HS256" }, { sub: "gateway", scope: "planted" }, "the gateway's");
const BASIC = `Basic ${Buffer.from(`operator:${PASSWORD}`).toString("base64")}`;

/** Every token that any request brought. */
let tokens: Set<string>;
let folder: string;
let closing: (() => Promise<void>)[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
  tokens = new Set();
  closing = [];
});
afterEach(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true });
});

/** The forms in which a careless server repeats what it was sent. */
function echoesOf(secret: string): string[] {
  const last = secret.split(".").at(-1)!;
  return [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    secret.toUpperCase(),
    secret.toLowerCase(),
    JSON.stringify(JSON.stringify(secret)),
    secret.replaceAll("/", "\\/"),
    Buffer.from(secret).toString("base64"),
    Buffer.from(`user:${secret}`).toString("base64url"),
    Buffer.from(`{"t":"${secret}"}`).toString("base64"),
    last,
    last.toUpperCase(),
    // Cut off, as logs do; wrapped in what is told of it.
    `${secret.slice(0, Math.ceil(secret.length * 0.8))}…`,
    `bad token <${secret}>!`,
  ];
}

/** Forms that must stand nowhere. What a check left of a signature, to see it refused, is none. What is merely claimed in a JWT is no secret; who signs, and with what, is. */
function forbidden(): Map<string, string> {
  const all = new Map<string, string>();
  for (const secret of [SECRET, HEADER, COOKIE, PASSWORD, BEARER, ...tokens]) {
    const parts = secret.split(".");
    const signature = parts.length === 3 && parts[2]!.length >= 20 ? parts[2]! : undefined;
    for (const one of [secret, ...(signature === undefined ? [] : [signature])]) {
      for (const form of [
        one,
        encodeURIComponent(one),
        JSON.stringify(one).slice(1, -1),
        Buffer.from(one).toString("base64url"),
      ]) {
        all.set(form.toLowerCase(), one);
      }
      // A beginning and an end that would give most of it away.
      if (one === signature)
        for (const piece of [one.slice(0, 20), one.slice(-20)]) all.set(piece.toLowerCase(), one);
    }
  }
  return all;
}

/** Remembers and repeats: the model, whose every answer tells the secrets that it was given, and its own. */
function leaking(model: Model, own: readonly string[]): Model {
  const heard = (text: string): void => {
    for (const [token] of text.matchAll(/[\w-]{8,}\.[\w-]{8,}\.[\w-]*|opaque-[\w-]+/g)) tokens.add(token);
  };
  let turn = 0;
  const repeated = (request: {
    path: string;
    headers: Record<string, string>;
    protocols?: readonly string[];
  }): string[] => {
    heard(decodeURIComponent(request.path));
    for (const value of [...Object.values(request.headers), ...(request.protocols ?? [])]) heard(value);
    const { authorization = "", cookie = "", "x-api-key": key = "" } = request.headers;
    const carried = [authorization.replace(/^Bearer /, ""), key, cookie.replace(/^.*?=/, "")];
    const inQuery = /token=([^&]+)/.exec(request.path)?.[1] ?? "";
    return [...own, ...carried, inQuery].filter((one) => one !== "").flatMap(echoesOf);
  };
  const tell = (response: HttpResponse, echoes: string[]): HttpResponse => {
    const headers = { ...response.headers };
    echoes.forEach((echo, index) => (headers[`x-echo-${index}`] = echo.replace(/[^\x20-\x7e]/g, "")));
    headers["set-cookie"] = `session=${COOKIE}; Path=/`;
    turn += 1;
    const problem = {
      type: "about:blank",
      title: echoes[turn % echoes.length],
      status: 500,
      detail: echoes.join(" "),
      code: "INTERNAL_ERROR",
      error: echoes[(turn * 7) % echoes.length],
      [echoes[(turn * 3) % echoes.length]!]: { [echoes[0]!]: echoes },
    };
    const bodies = [
      JSON.stringify(problem),
      `<p>${echoes.join("</p><p>")}`,
      echoes[(turn * 5) % echoes.length]!,
    ];
    // Now and then an answer that is right, so that checks come far enough to fail in all ways.
    if (turn % 4 !== 0) return { ...response, headers };
    const body = new TextEncoder().encode(bodies[turn % bodies.length]);
    return {
      status: turn % 8 === 0 ? 200 : 500,
      headers: { ...headers, "content-type": "application/json" },
      body,
    };
  };
  return {
    ...model,
    handle: async (request, signal) => {
      const response = await model.handle(request, signal);
      const echoes = repeated(request);
      // The doorstep is let in.
      return /well-known/.test(request.path) || turn < 2 ? ((turn += 1), response) : tell(response, echoes);
    },
    upgrade: async (request) => {
      const judged = await model.upgrade(request);
      const echoes = repeated(request);
      if (!("attach" in judged)) return tell(judged, echoes);
      return {
        ...judged,
        attach: (port) => {
          let frames = 0;
          return judged.attach({
            send: (text, sent) => {
              const value = JSON.parse(text) as object;
              frames += 1;
              const whole = { ...value, debug: echoes, [echoes[frames % echoes.length]!]: true };
              port.send(frames % 5 === 4 ? echoes.join(",") : JSON.stringify(whole), sent);
              if (frames === 9) port.close(4000, echoes[turn % echoes.length]!.slice(0, 100));
            },
            close: (code, reason) => port.close(code, `${reason} ${echoes[0]}`.slice(0, 100)),
          });
        },
      };
    },
  };
}

async function serving(model: Model): Promise<string> {
  const { url, close } = await listen(model);
  closing.push(close);
  return url;
}

/** The formats that there are, as `--report` finds them. */
function formats(): string[] {
  const reporters = join(dirname(fileURLToPath(import.meta.url)), "..", "reporters");
  return readdirSync(reporters)
    .filter((name) => extname(name) === ".ts" && !name.includes(".test."))
    .filter((name) =>
      /export (?:async )?function createReporter\b/.test(readFileSync(join(reporters, name), "utf8")),
    )
    .map((name) => name.slice(0, -".ts".length));
}

/** Everything that a run tells: on the console, in every format, in a list of known failures, in its errors. */
async function told(
  flags: Flags,
  signal = new AbortController().signal,
): Promise<{ text: string; result: RunResult }> {
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const io = { out, env: {}, folder, signal };
  const report = formats().map((format) => `${format}=${join(folder, `report.${format}`)}`);
  const all: Flags = {
    timeout: 1,
    concurrency: 16,
    seed: "s",
    ...flags,
    report,
    writeBaseline: "known.json",
  };
  await testServer(all, io).catch((error: Error) => (text += `${error.message}\n${error.stack}`));
  for (const name of readdirSync(folder).filter((one) => /^(report|known)\./.test(one))) {
    text += `\n== ${name}\n${readFileSync(join(folder, name), "utf8")}`;
  }
  return { text, result: JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as RunResult };
}

/** No secret in any form; a message shows where one stands, not which. */
function demandNoSecret(text: string): void {
  const folded = text.toLowerCase();
  const found = [...forbidden()].flatMap(([form, secret]) => {
    const at = folded.indexOf(form);
    return at < 0
      ? []
      : [`${secret} as ${form}: ${text.slice(Math.max(0, at - 200), at + form.length + 20)}`];
  });
  expect(found.slice(0, 3)).toEqual([]);
}

const headers = [
  `X-Api-Key: ${HEADER}`,
  `Cookie: gateway=${COOKIE}; theme=dark`,
  `Proxy-Authorization: ${BASIC}`,
  `X-Gateway-Authorization: Bearer ${BEARER}`,
];
const only = ["AUTH", "PULL", "HTTP", "IDEM-002", "PUSH-001", "RT-001", "RT-005"];

describe("nothing that a run tells holds a secret,", { timeout: 120_000 }, () => {
  it("on a server that repeats everything in answers, frames and close reasons", async () => {
    const url = await serving(leaking(createModel({ secret: SECRET }), [SECRET, PASSWORD, BEARER]));
    const { text, result } = await told({ url, jwtSecret: SECRET, header: headers, only });
    expect(tokens.size).toBeGreaterThan(50);
    const { failed, "could-not-run": notRun } = result.summary.checks;
    expect(failed).toBeGreaterThan(50);
    expect(failed + notRun).toBeGreaterThan(100);
    demandNoSecret(text);
  });

  it("where the tokens are an operator's own, and not JWTs", async () => {
    const script = join(folder, "mint.mjs");
    writeFileSync(
      script,
      `let text = ""; for await (const chunk of process.stdin) text += chunk;
       const { user } = JSON.parse(text);
       console.error("minted by ${HEADER}");
       if (/x{9}/.test(user)) process.exit(1);
       console.log("opaque-" + Buffer.from(user).toString("hex").slice(-40) + "-" + Math.random().toString(36).slice(2));`,
    );
    const { handle } = createModel({ secret: SECRET });
    const opaque = (headers_: Record<string, string>): Record<string, string> => {
      const token = signJwt({ alg: "HS256" }, { sub: "u", iat: now(), exp: now() + 60 }, SECRET);
      return { ...headers_, authorization: `Bearer ${token}` };
    };
    const now = (): number => Math.floor(Date.now() / 1000);
    const model = createModel({ secret: SECRET });
    // Takes any token for good.
    const lenient: Model = {
      ...model,
      handle: (request, signal) => handle({ ...request, headers: opaque(request.headers) }, signal),
    };
    const url = await serving(leaking(lenient, [PASSWORD, BEARER]));
    const tokenCommand = `${JSON.stringify(process.execPath)} ${JSON.stringify(script)}`;
    const { text } = await told({
      url,
      tokenCommand,
      header: headers,
      only: ["PULL-001", "PULL-002", "PUSH-001", "RT-001"],
    });
    expect([...tokens].filter((token) => token.startsWith("opaque-")).length).toBeGreaterThan(5);
    demandNoSecret(text);
  });

  it("where the doorstep is refused with the token in the page", async () => {
    const server = createServer((request, response) => {
      const { authorization = "" } = request.headers;
      const token = authorization.replace(/^Bearer /, "");
      if (token !== "") tokens.add(token);
      response.writeHead(200, { "content-type": "text/html" }).end(`you sent ${token} ${SECRET} ${COOKIE}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(async () => void server.close());
    const { port } = server.address() as { port: number };
    const { text } = await told({
      url: `http://127.0.0.1:${port}`,
      jwtSecret: SECRET,
      header: headers,
      only,
    });
    expect(text).toMatch(/No check could run\. .*you sent/);
    demandNoSecret(text);
  });

  it("where a command that was given secrets ends with its last words, and in the command to run it again", async () => {
    const start = `echo 'started with ${SECRET} and ${BEARER} ${HEADER}' >&2; exit 3; --port {port} --key ${HEADER}`;
    const { text } = await told({ start, jwtSecret: SECRET, header: headers, only });
    expect(text).toMatch(
      /the command ended \(exit code 3\)[^]*started with <redacted> and <redacted> <redacted>/,
    );
    demandNoSecret(text);
  });

  it("where the suite itself fails, with secrets in the words of its error", async () => {
    const words = `not done when the suite failed: ${SECRET} ${HEADER} ${BEARER}`;
    const url = await serving(createModel({ secret: SECRET }));
    const flags = { url, jwtSecret: SECRET, header: headers, only: ["PULL-001"] };
    const { text } = await told(flags, AbortSignal.abort(new CouldNotRun(words)));
    expect(text).toMatch(/not done when the suite failed: <redacted> <redacted>/);
    demandNoSecret(text);
    const out = {
      live: false,
      columns: 110,
      write: () => {
        throw new Error(words);
      },
    };
    const io = { out, env: {}, folder, signal: new AbortController().signal };
    const crash = await testServer(flags, io).catch((error: Error) => error);
    expect((crash as Error).stack).toMatch(/suite failed: <redacted> <redacted>.*\n +at /);
    demandNoSecret((crash as Error).message + (crash as Error).stack!);
  });
});
