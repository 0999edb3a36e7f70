import { describe, expect, it } from "vitest";
import { signJwt } from "./jwt.ts";
import { createRedactor } from "./redaction.ts";
import { Transcript } from "./transcript.ts";

const SECRET = "a-planted-secret/with+signs";
const JWT = signJwt({ alg: "HS256" }, { sub: "alice", note: "planted" }, SECRET);
const OPAQUE = "opaque-token-of-the-operator";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function recorded(): string {
  const parent = createRedactor();
  parent.concealPhrase(SECRET);
  const redactor = createRedactor(parent);
  redactor.conceal(OPAQUE);
  const transcript = new Transcript(redactor);
  transcript
    .record({
      method: "POST",
      path: `/api/sync/push?token=${JWT}&a=1&access_token=short`,
      headers: {
        authorization: `Bearer ${OPAQUE}`,
        cookie: `auth-token=${JWT}`,
        "sec-websocket-protocol": `mirubato.v1, bearer.${OPAQUE}`,
        "x-own": `before ${JWT} after`,
      },
      body: bytes(JSON.stringify({ token: JWT, secret: SECRET, other: OPAQUE })),
    })
    .answered({
      status: 400,
      headers: { "set-cookie": `auth-token=${OPAQUE}; Path=/`, "x-echo": encodeURIComponent(SECRET) },
      body: bytes(`the token ${JWT} of Bearer ${OPAQUE} is bad; ${"x".repeat(5_000)}${SECRET}`),
    });
  transcript.record({ method: "GET", path: "/", headers: {} }).failed(`refused ${JWT} ${SECRET}`);
  return JSON.stringify(transcript.exchanges);
}

describe("a transcript", () => {
  it("keeps no secret, wherever it stood", () => {
    const text = recorded();
    const [, payload, signature] = JWT.split(".");
    for (const planted of [SECRET, encodeURIComponent(SECRET), OPAQUE, JWT, payload!, signature!]) {
      expect(text).not.toContain(planted);
    }
  });

  it("keeps what helps to understand a failure", () => {
    const text = recorded();
    expect(text).toContain("Bearer <redacted>");
    expect(text).toContain("auth-token=<redacted>");
    expect(text).toContain("a=1");
    expect(text).toContain("the token");
  });

  it("keeps no token of another check, not in base64 either: what one was told may be told by another", () => {
    const parent = createRedactor();
    createRedactor(parent).conceal(JWT);
    const told = createRedactor(parent).text(
      [0, 1, 2]
        .map((before) => Buffer.from(`${" ".repeat(before)}Bearer ${JWT}`).toString("base64"))
        .join(" "),
    );
    // Any twelve bytes in a row, wherever they may stand.
    for (let at = 0; at + 12 <= JWT.length; at += 1)
      for (const before of [0, 1, 2]) {
        const piece = Buffer.from(`${" ".repeat(before)}${JWT.slice(at, at + 12)}`).toString("base64");
        expect(told).not.toContain(piece.slice(4, 16));
      }
  });

  it("leaves ordinary dotted words alone", () => {
    const redactor = createRedactor();
    const ordinary = "https://sync.mirubato.example.com/schemas.version.json mirubato.v1";
    expect(redactor.text(ordinary)).toBe(ordinary);
  });

  it("cuts long bodies and says how long they were", () => {
    const transcript = new Transcript(createRedactor());
    const body = new TextEncoder().encode("y".repeat(100_000));
    transcript.record({ method: "POST", path: "/", headers: {}, body });
    expect(transcript.exchanges[0]!.request.body).toMatch(/^y{4096}… \(100000 bytes in all\)$/);
  });

  it("keeps the first and the last of very many requests", () => {
    const transcript = new Transcript(createRedactor());
    for (let index = 0; index < 500; index += 1)
      transcript.record({ method: "GET", path: `/${index}`, headers: {} });
    const paths = transcript.exchanges.map(({ request }) => request.path);
    expect(paths).toHaveLength(60);
    expect([paths[0], paths.at(-1)]).toEqual(["/0", "/499"]);
    expect(transcript.exchanges[30]!.note).toBe("440 messages before this one were left out");
  });
});
