import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeJwt } from "../conformance/wire/jwt.ts";
import { UsageError } from "../conformance/run/select.ts";
import { mintToken } from "./token.ts";

/** Each starts a process, on a machine that may be busy. */
const BIN = join(dirname(fileURLToPath(import.meta.url)), "mirubato-sync.ts");

function cli(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NO_COLOR: "1", MIRUBATO_JWT_SECRET: "", MIRUBATO_URL: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...words], { encoding: "utf8", env });
  return { status, stdout, stderr };
}

it("a mistake ends with status 2 and a sentence, without a stack", () => {
  const { status, stdout, stderr } = cli("test", "server", "--url", "http://localhost:1", "--config", BIN);
  expect(stderr).toMatch(/^mirubato-sync: .*mirubato-sync\.ts is not JSON: .*\n$/);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

it("help is no mistake", () => {
  const { status, stdout } = cli("--help");
  expect(stdout).toMatch(/^Usage: mirubato-sync[^]*explain <word>/);
  expect(status).toBe(0);
});

it("a reader that has read enough does no harm", () => {
  const status = `"$0" "$1" explain idempotency; echo "status $?" >&2`;
  const words = ["-c", `{ ${status}; } | true`, process.execPath, BIN];
  const { stderr } = spawnSync("sh", words, { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
  expect(stderr).toBe("status 0\n");
});

it("a report on standard output stands alone there; all else is told on standard error", () => {
  const words = ["--only", "IDEM-002", "--report", "github=-", "--start", "false", "--start-timeout", "5"];
  const { status, stdout, stderr } = cli("test", "server", "--url", "http://127.0.0.1:1", ...words);
  expect(stdout).toMatch(/^::error title=\d+ checks could-not-run::/);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("::")),
  ).toEqual([]);
  expect(stderr).toContain("No check could run.");
  expect(status).toBe(3);
});

describe("token", () => {
  it("signs for the user and the time asked for", () => {
    const token = mintToken({ user: "alice", expires: "15m", jwtSecret: "s" }, {}, 1_000_000);
    expect(decodeJwt(token)).toMatchObject({
      header: { alg: "HS256" },
      claims: { sub: "alice", iat: 1_000, exp: 1_900 },
    });
  });

  it("refuses a user that no server would accept", () => {
    expect(() => mintToken({ user: "", expires: "1h" }, {})).toThrow(UsageError);
  });
});
