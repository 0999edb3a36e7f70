import type { Dice } from "../histories/dice.ts";

/** Headers with values that are odd, or that a server may take for more than they are: names lower case. */
export const ODD_HEADERS: readonly (readonly [string, (dice: Dice) => string])[] = [
  ["x-device-id", (dice) => dice.pick(["", "x".repeat(4_000), "../..", "\u00ff", "a,b", "__proto__"])],
  ["x-sync-protocol", (dice) => dice.pick(["", "0", "2", "1, 1", "1.0", "one", "9".repeat(400), "null"])],
  [
    "x-idempotency-key",
    (dice) => dice.pick(["", "fuzz-key-1", "fuzz-key-2", "x".repeat(256), "a b", "\u00e9", "__proto__"]),
  ],
  ["x-connection-id", (dice) => dice.pick(["", "null", "x".repeat(4_000), "__proto__", "\u00ff\u00fe"])],
  ["accept", (dice) => dice.pick(["", "text/html", "*/*;q=abc", "application/xml"])],
  ["accept-encoding", () => "br;q=2, gzip;q=x"],
  ["origin", (dice) => dice.pick(["null", "https://evil.example", "javascript:alert(1)", "x".repeat(1_000)])],
  ["cookie", (dice) => dice.pick(["auth-token=%", "auth-token", "=;=;=", "a".repeat(2_000)])],
  ["if-none-match", () => '"*"'],
  ["range", () => "bytes=0-0,-1"],
  ["x-forwarded-for", () => "'; DROP TABLE users; --"],
  [
    "content-type",
    (dice) =>
      dice.pick([
        "",
        "text/plain",
        "application/json;charset=utf-16",
        "multipart/form-data; boundary=x",
        ";;;",
        "application/json, text/html",
      ]),
  ],
  ["content-encoding", (dice) => dice.pick(["gzip", "br", "identity, gzip", "x"])],
];
