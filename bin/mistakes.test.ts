import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DEVELOPMENT_SECRET } from "../spec/development-secret.ts";
import { CouldNotRun } from "../conformance/verdict.ts";
import { mistakeInWords, statusOf } from "./mistakes.ts";
import { createProgram } from "./program.ts";

/** A command's modules take a while to load on a machine that is busy. */
const folder = mkdtempSync(join(tmpdir(), "mistakes-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const NOT_JSON = file("not.json", "{");
const OTHER_JSON = file("other.json", "{}");
const TEXT = file("text.txt", "hello");
const STRANGE_LIST = file("strange-list.json", '{"failures": {"IDEM-200": "who knows"}}');
const STRANGE_CONFIG = file("strange-config.json", '{"conurrency": 3}');
const FOLDER = join(folder, "folder");
mkdirSync(FOLDER);
const MISSING = join(folder, "missing.json");

const occupier = createServer();
await once(occupier.listen(0, "127.0.0.1"), "listening");
const { port: taken } = occupier.address() as AddressInfo;

beforeAll(() => {
  for (const name of ["JWT_SECRET", "URL", "TOKEN_COMMAND", "TOKEN"]) vi.stubEnv(`MIRUBATO_${name}`, "");
});
afterAll(() => {
  vi.unstubAllEnvs();
  occupier.close();
  rmSync(folder, { recursive: true });
});

/** The words as a user types them, in this process. What is thrown is what the command line ends with. */
async function mistakeOf(words: readonly string[]): Promise<{ told: string; status: number }> {
  let told = "";
  const program = createProgram({ writeErr: (text) => (told += text) });
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    return { told: told + mistakeInWords(error), status: statusOf(error) };
  }
  throw new Error(`no mistake: ${words.join(" ")}`);
}

const SERVER = ["test", "server", "--url", "http://localhost:1"];
const CLIENT = ["test", "client", "--adapter", "true"];

/** Words of a command, and what the answer has to say: what is wrong, where, and what would be right. */
const MISTAKES: Record<string, [words: string[], ...told: RegExp[]][]> = {
  "the command itself": [
    [["tets"], /unknown command 'tets'/, /Did you mean test\?/, /--help/],
    [["--verison"], /unknown option '--verison'/, /Did you mean --version\?/],
    [["test", "servr"], /unknown command 'servr'/, /Did you mean server\?/],
  ],
  "test server": [
    [["test", "server"], /which server\? Give --url/],
    [["test", "server", "--urk", "x"], /unknown option '--urk'/, /Did you mean --url\?/],
    [["test", "server", "--url"], /option '--url <base>' argument missing/, /--help/],
    [["test", "server", "--url", "sync.example"], /--url: "sync\.example" is not an http/, /such as https:/],
    [["test", "server", "--url", "http://u:p@localhost"], /--url: leave the user name and password out/],
    [["test", "server", "--url", "https://sync.example"], /no credentials: set MIRUBATO_JWT_SECRET/],
    [["test", "server", "--url", "http://localhost:{port}"], /\{port\} in .* must take it, too/],
    [[...SERVER, "much"], /too many arguments.*Expected 0 arguments but got 1/],
    [[...SERVER, "--only", "IDEM-200"], /no check or area "IDEM-200"\. Did you mean IDEM-/],
    [[...SERVER, "--only", ""], /is empty; leave it out for all/],
    [[...SERVER, "--profile", "realtme"], /no server profile "realtme".*Did you mean realtime/],
    [[...SERVER, "--report", "jsn=x"], /no format "jsn"; there are github, html.*Did you mean json/],
    [[...SERVER, "--report", "result.json"], /"result\.json" is not <format>=<file>, such as json=/],
    [[...SERVER, "--report", `json=${TEXT}/x.json`], /can't be written \(.*is a file\); name another/],
    [[...SERVER, "--report", `json=${FOLDER}`], /can't be written \(it is a folder\); name another/],
    [[...SERVER, "--concurrency", "no"], /must be a number above 0/],
    [[...SERVER, "--concurrency", "1.5"], /must be a whole number/],
    [[...SERVER, "--deadline", "-1"], /must be a number above 0/],
    [[...SERVER, "--baseline", MISSING], /--baseline: there is no file .*missing\.json/],
    [[...SERVER, "--baseline", NOT_JSON], /--baseline: .*not\.json is not JSON/],
    [[...SERVER, "--baseline", OTHER_JSON], /it must be \{"failures"/],
    [[...SERVER, "--baseline", STRANGE_LIST], /called "IDEM-200"\. Did you mean IDEM-/],
    [[...SERVER, "--write-baseline", FOLDER], /--write-baseline: .*can't be written/],
    [[...SERVER, "--config", MISSING], /--config: there is no file/],
    [[...SERVER, "--config", NOT_JSON], /not\.json is not JSON/],
    [[...SERVER, "--config", STRANGE_CONFIG], /"conurrency" is no setting\. Did you mean concurrency\?/],
    [[...SERVER, "--ca", MISSING], /--ca: .*missing\.json can't be read \(ENOENT\)/],
    [[...SERVER, "--ca", TEXT], /--ca: .* is no certificate; it must be PEM/],
    [[...SERVER, "--header", "x-api-key"], /--header: number 1 has no colon.*"name: value"/],
    [[...SERVER, "--origin", "app.example"], /--origin: "app\.example" is not an origin.*such as https/],
    [[...SERVER, "--ws-url", "http://localhost"], /--ws-url: .* is not a ws\(s\) address.*such as wss:/],
    [[...SERVER, "--instances", "2"], /--instances: 2 servers need a port each; put \{port\}/],
  ],
  "test client": [
    [["test", "client"], /which client\? Give --adapter <command>/],
    [["test", "client", "--adapter", " "], /--adapter: it is empty; give a command/],
    [["test", "client", "--adapter", "tcp://phone"], /neither a command nor an address of the form tcp:/],
    [["test", "client", "--adapter", "x", "--browser", "y"], /one adapter, a program or a page; leave one/],
    [
      ["test", "client", "--adapter", "./no-such-adapter"],
      /--adapter: there is no such program here.*give a/,
    ],
    [["test", "client", "--adapter", TEXT], /--adapter: .* or it may not be run; give a command that this/],
    [["test", "client", "--adapter", "no-such-adapter", "--check-adapter"], /--adapter: there is no such/],
    [
      ["test", "client", "--adapter", "tcp://127.0.0.1:1"],
      /--adapter: no adapter at tcp:.*nothing listens there; start it, or give the address/,
    ],
    [["test", "client", "--browser", "ftp://x/y"], /--browser: .* neither an HTML file nor a URL such as/],
    [["test", "client", "--browser", MISSING], /--browser: there is no file .*missing\.json; name an HTML/],
    [["test", "client", "--browser", FOLDER], /--browser: there is no file .*folder; name an HTML file/],
    [["test", "client", "--browser", TEXT], /--browser: .*text\.txt is no page, as .*; name an HTML file/],
    [[...CLIENT, "--only", "CLI-01"], /no check or area "CLI-01"\. Did you mean CLI-0/],
    [[...CLIENT, "--timeout", "soon"], /must be a number above 0/],
  ],
  report: [
    [["report"], /missing required argument 'result\.json'|required option '--report/],
    [["report", MISSING], /required option '--report <format=file>' not specified/],
    [
      ["report", MISSING, "--report", "json=-"],
      /missing\.json can't be read \(ENOENT\); name a saved result/,
    ],
    [["report", NOT_JSON, "--report", "json=-"], /not\.json is not JSON/],
    [["report", OTHER_JSON, "--report", "json=-"], /is no result of a run.*--report json=/],
  ],
  explain: [
    [["explain"], /missing required argument 'word'/, /--help/],
    [["explain", "IDEM-0002"], /nothing is called "IDEM-0002"\. Did you mean IDEM-002\?/],
    [["explain", "idempotncy"], /Did you mean idempotency\?/],
    [["explain", "IDEM-002/replay-changes-nothin"], /Did you mean IDEM-002\/replay-changes-nothing\?/],
  ],
  compare: [
    [["compare"], /missing required argument 'files'/],
    [["compare", OTHER_JSON], /compare needs two results or more/],
    [["compare", MISSING, OTHER_JSON], /missing\.json can't be read \(ENOENT\)/],
    [["compare", OTHER_JSON, OTHER_JSON], /other\.json is no result of this suite, as --report json=/],
  ],
  "spec-diff": [
    [["spec-diff", "0.9"], /there is no revision "0\.9"; there are 1\.0/],
    [["spec-diff", MISSING], /missing\.json can't be read \(ENOENT\)/],
    [["spec-diff", NOT_JSON], /not\.json is not JSON/],
    [["spec-diff", OTHER_JSON], /other\.json is no revision, as spec\/revisions\//],
  ],
  bench: [
    [["bench"], /which server\? Give --url/],
    [
      ["bench", "--url", "http://localhost:1", "--profile", "quik"],
      /no "quik": quick or full\. Did you mean quick\?/,
    ],
    [["bench", "--url", "http://localhost:1", "--json", FOLDER], /--json: .*can't be written/],
    [["bench", "--url", "http://localhost:1", "--header", "x"], /--header: number 1 has no colon/],
  ],
  mutants: [
    [["mutants", "--role", "sever"], /no role "sever"; there are server and client/],
    [["mutants", "--only", "forgets-idempotency-kes"], /Did you mean forgets-idempotency-keys\?/],
    [["mutants", "--report", "junit=x"], /no format "junit" of mutants; there are json, html, markdown/],
  ],
  replay: [
    [["replay"], /missing required argument 'file'/],
    [["replay", MISSING, "--url", "http://localhost:1"], /missing\.json can't be read \(ENOENT\)/],
    [["replay", OTHER_JSON, "--url", "http://localhost:1"], /other\.json/],
  ],
  serve: [
    [["serve", "--port", "70000"], /argument '70000' is invalid\. The highest port is 65535/],
    [["serve", "--model", "--port", String(taken)], /port \d+ is taken: choose another by --port/],
    [["serve", "--port", "http"], /argument 'http' is invalid\. It must be a whole number/],
    [["serve", "--limits", '{"maxItms": 1}', "--model"], /no limit "maxItms"\. Did you mean maxItems\?/],
    [["serve", "--limits", "{", "--model"], /--limits is not JSON/],
    [["serve", "--model", "--limits", '{"maxItems": 0.5}'], /--limits: maxItems must be a whole number of/],
    [["serve", "--model", "--origin", "app.example"], /--origin: "app\.example" is not an origin/],
    [
      ["serve", "--model", "--host", "192.0.2.1", "--jwt-secret", "s".repeat(32)],
      /can't listen there \(EADDR.*choose others/,
    ],
    [["serve", "--host", "0.0.0.0"], /can be reached from elsewhere: give a secret of your own by MIRUBATO/],
    [["serve", "--host", "::", "--model", "--jwt-secret", DEVELOPMENT_SECRET], /give a secret of your own/],
    [["serve", "--model", "--mutant", "forgets-idempotency-kes"], /Did you mean forgets-idempotency-keys\?/],
    [["serve", "--model", "--variant", "small-portion"], /Did you mean small-portions\?/],
    [["serve", "--variant", "slow-and-jittery"], /--variant needs --model/],
    [["serve", "--persist", join(TEXT, "data")], /text\.txt\/data is, or is in, a file: choose a directory/],
  ],
  simulate: [
    [["simulate", "--fault", "lose-anser"], /no fault "lose-anser".*Did you mean lose-answer\?/],
    [["simulate", "--fault", "503:pusch"], /no call "pusch"; there are pull, push/],
    [["simulate", "--port", String(taken)], /port \d+ is taken: choose another by --port, or --port 0/],
    [["simulate", "--port", "70000"], /The highest port is 65535/],
    [
      ["simulate", "--host", "0.0.0.0"],
      /can be reached from elsewhere: give a secret of your own by MIRUBATO/,
    ],
    [["simulate", "--origin", "app.example"], /--origin: "app\.example" is not an origin/],
    [
      ["simulate", "--host", "192.0.2.1", "--jwt-secret", "s".repeat(32)],
      /can't listen there \(EADDR.*choose others/,
    ],
  ],
  client: [
    [["client"], /required option '--user <id>' not specified/],
    [["client", "--user", "alice", "--url", "nowhere", "list"], /nowhere/],
    [["client", "--user", "alice", "--no-store", "lst"], /lst/],
  ],
  adapter: [[["adapter", "now"], /too many arguments/]],
  token: [
    [["token"], /required option '--user <id>' not specified/],
    [["token", "--user", "alice", "--expires", "soon"], /"soon" is not a number with s, m, h or d, such as/],
    [["token", "--user", ""], /--user: a user has 1 to 255 characters/],
  ],
};

for (const [command, mistakes] of Object.entries(MISTAKES)) {
  describe(`a mistake in ${command} ends with status 2, and a sentence that says how to mend it`, () => {
    it.each(mistakes)("%j", async (words, ...expected) => {
      const { told, status } = await mistakeOf(words);
      for (const message of expected) expect(told).toMatch(message);
      expect(told).not.toMatch(/^\s+at /m);
      expect(status).toBe(2);
    });
  });
}

it("a folder where a file is wanted is a mistake, too", async () => {
  const place = dirname(file("other.json", "{}"));
  expect((await mistakeOf(["compare", place, place])).told).toMatch(/ can't be read \(EISDIR\)/);
});

it("--spec-version tells the versions apart, and is no mistake", async () => {
  let told = "";
  const program = createProgram({ writeOut: (text) => (told += text) });
  const ended = await program
    .parseAsync(["--spec-version"], { from: "user" })
    .catch((error: unknown) => error);
  expect(told).toMatch(/^protocol 1, .*\nspecification 1\.\d+(-draft)?\npackage \d+\.\d+\.\d+\n$/);
  expect(statusOf(ended)).toBe(0);
});

it("every command has examples in its help, and the list names no other command", async () => {
  const program = createProgram();
  const commands = program.commands.flatMap((one) => (one.commands.length > 0 ? one.commands : [one]));
  const names = commands.map(
    (one) => `${one.parent === program ? "" : `${one.parent!.name()} `}${one.name()}`,
  );
  for (const name of names) {
    let help = "";
    const own = createProgram({ writeOut: (text) => (help += text) });
    await own.parseAsync([...name.split(" "), "--help"], { from: "user" }).catch(() => {});
    expect(help).toMatch(/\nExamples:\n {2}\S/);
  }
  // What a new command is to be added to, with mistakes of its own.
  expect(Object.keys(MISTAKES)).toEqual(expect.arrayContaining(names));
});

it("what is no mistake of the user's has status 3; our own faults are told with their stack", () => {
  expect(statusOf(new CouldNotRun("no"))).toBe(3);
  expect(mistakeInWords(new CouldNotRun("no"))).toBe("mirubato-sync: no\n");
  expect(mistakeInWords(new TypeError("oops"))).toMatch(/TypeError: oops\n\s+at /);
});
