import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { decodeJwt } from "../conformance/wire/jwt.ts";
import { UsageError } from "../conformance/run/select.ts";
import { DEVELOPMENT_SECRET } from "../spec/development-secret.ts";
import { mintToken } from "./token.ts";

const BIN = join(dirname(fileURLToPath(import.meta.url)), "mirubato-sync.ts");

function cli(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NO_COLOR: "1", MIRUBATO_JWT_SECRET: "", MIRUBATO_URL: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...words], { encoding: "utf8", env });
  return { status, stdout, stderr };
}

describe("a mistake on the command line ends with status 2 and a sentence", () => {
  it.each<[string[], RegExp]>([
    [["tets"], /unknown command 'tets'/],
    [["test", "server", "--urk", "x"], /unknown option '--urk'/],
    [["test", "server"], /which server\? Give --url/],
    [["test", "client"], /which client\? Give --adapter <command>/],
    [["test", "client", "--adapter", "tcp://phone"], /neither a command nor an address of the form tcp:/],
    [
      ["test", "server", "--url", "http://localhost:1", "--only", "IDEM-200"],
      /no check or area "IDEM-200"\. Did you mean IDEM-/,
    ],
    [
      ["test", "server", "--url", "http://localhost:1", "--profile", "realtme"],
      /no server profile "realtme".*Did you mean realtime/,
    ],
    [
      ["test", "server", "--url", "http://localhost:1", "--report", "jsn=x"],
      /no format "jsn"; there are github, html, json, junit, markdown\. Did you mean json/,
    ],
    [["test", "server", "--url", "http://localhost:1", "--concurrency", "no"], /must be a number above 0/],
    [["test", "server", "--url", "http://localhost:1", "--concurrency", "1.5"], /must be a whole number/],
    [["test", "server", "--url", "http://localhost:1", "--only", ""], /is empty; leave it out for all/],
    [
      ["test", "server", "--url", "http://localhost:1", "--report", `json=${BIN}/x.json`],
      /--report: .*x\.json can't be written \(.*is a file\); name another/,
    ],
    [
      ["test", "server", "--url", "http://localhost:1", "--report", "json=."],
      /can't be written \(it is a folder\)/,
    ],
    [
      ["test", "server", "--url", "http://localhost:1", "--baseline", "no.json"],
      /--baseline: there is no file no\.json/,
    ],
    [["compare", "one.json"], /compare needs two results or more/],
    [["compare", "package.json", "package.json"], /package\.json is no result of this suite/],
    [["explain", "IDEM-0002"], /nothing is called "IDEM-0002"\. Did you mean IDEM-002\?/],
    [
      ["serve", "--limits", '{"maxItms": 1}', "--model"],
      /there is no limit "maxItms"\. Did you mean maxItems\?/,
    ],
    [
      ["serve", "--model", "--limits", '{"maxItems": 0.5}'],
      /--limits: maxItems must be a whole number of items/,
    ],
    [["serve", "--model", "--origin", "app.example"], /--origin: "app\.example" is not an origin/],
    [
      ["serve", "--model", "--host", "192.0.2.1", "--jwt-secret", "s".repeat(32)],
      /can't listen there \(EADDR/,
    ],
    [["serve", "--host", "0.0.0.0"], /give a secret of your own by MIRUBATO_JWT_SECRET/],
    [["serve", "--host", "::", "--model", "--jwt-secret", DEVELOPMENT_SECRET], /give a secret of your own/],
    [["serve", "--model", "--mutant", "forgets-idempotency-kes"], /Did you mean forgets-idempotency-keys\?/],
    [["serve", "--model", "--variant", "small-portion"], /Did you mean small-portions\?/],
    [["serve", "--variant", "slow-and-jittery"], /--variant needs --model/],
    [["token", "--user", "alice", "--expires", "soon"], /"soon" is not a number with s, m, h or d/],
  ])("%j", (words, message) => {
    const { status, stderr } = cli(...words);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(status).toBe(2);
  });
});

describe("explain", () => {
  it("prints a requirement with its place, its checks and the faults that they catch", () => {
    const { status, stdout } = cli("explain", "IDEM-002");
    expect(stdout).toMatch(/^IDEM-002 {2}server MUST, profile http, spec\/idempotency\.md:\d+\n/);
    expect(stdout).toMatch(
      /check IDEM-002\/replay-changes-nothing[^]*catches forgets-idempotency-keys\n.*short life/,
    );
    expect(status).toBe(0);
  });

  it("prints an area by either name, and a check", () => {
    expect(cli("explain", "idem").stdout).toMatch(/IDEM-001[^]*IDEM-002/);
    expect(cli("explain", "idempotency").stdout).toMatch(/IDEM-001[^]*IDEM-002/);
    expect(cli("explain", "IDEM-002/replay-changes-nothing").stdout).toMatch(/IDEM-002[^]*catches/);
  });
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
