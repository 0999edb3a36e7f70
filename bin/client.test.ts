import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../conformance/run/select.ts";
import { startServer, tokenFor, type TestServer } from "../reference-client/testing/server.ts";
import { client, type ClientFlags } from "./client.ts";

const BIN = join(dirname(fileURLToPath(import.meta.url)), "mirubato-sync.ts");
const home = mkdtempSync(join(tmpdir(), "client-"));
let server: TestServer;
beforeAll(async () => {
  server = await startServer("--model");
});
afterAll(async () => {
  await server.kill();
  rmSync(home, { recursive: true });
});

/** The program as a user starts it, in a home of its own. */
class Program {
  out = "";
  err = "";
  readonly #child;
  readonly #ended: Promise<unknown>;

  constructor(
    words: string[],
    { env = {}, url = server.url }: { env?: NodeJS.ProcessEnv; url?: string } = {},
  ) {
    const { MIRUBATO_JWT_SECRET: _, MIRUBATO_TOKEN: __, ...rest } = process.env;
    this.#child = spawn(process.execPath, [BIN, "client", ...words], {
      env: { ...rest, NO_COLOR: "1", XDG_DATA_HOME: home, MIRUBATO_URL: url, ...env },
    });
    this.#child.stdout.on("data", (text: Buffer) => (this.out += text.toString()));
    this.#child.stderr.on("data", (text: Buffer) => (this.err += text.toString()));
    this.#ended = once(this.#child, "close");
  }

  say(...lines: string[]): void {
    for (const line of lines) this.#child.stdin.write(`${line}\n`);
  }

  /** Nothing more is typed. Resolves with the exit status. */
  async end(): Promise<number | null> {
    this.#child.stdin.end();
    await this.#ended;
    return this.#child.exitCode;
  }

  interrupt(): void {
    this.#child.kill("SIGINT");
  }
}

/** Waits until a program has told this. */
async function expectTold(program: Program, text: RegExp): Promise<void> {
  await expect.poll(() => program.out, { timeout: 20_000 }).toMatch(text);
}

/** The same in this process, which is sooner there: one command, or the lines of a pipe. */
async function run(
  words: string[],
  {
    env = {},
    url = server.url,
    lines = [],
  }: { env?: NodeJS.ProcessEnv; url?: string; lines?: string[] } = {},
): Promise<{ status: number; out: string; err: string }> {
  const [output, error] = [new PassThrough(), new PassThrough()];
  const input = Readable.from(lines.map((line) => `${line}\n`));
  const flags: ClientFlags = { url, user: "", device: "default" };
  const rest = [...words];
  while (rest[0]?.startsWith("--") === true) {
    const name = rest.shift()!.slice(2);
    if (name === "json") flags.json = true;
    else if (name === "no-store") flags.store = false;
    else if (name === "token-command") flags.tokenCommand = rest.shift();
    else flags[name as "user" | "device" | "store"] = rest.shift()!;
  }
  const { signal } = new AbortController();
  const all = { NO_COLOR: "1", XDG_DATA_HOME: home, ...env };
  let status = 2;
  try {
    status = await client(flags, rest, { input, output, error, env: all, signal });
  } catch (failure) {
    if (!(failure instanceof UsageError)) throw failure;
    error.write(failure.message);
  }
  const [out, err] = [output, error].map((stream) => String(stream.read() ?? "")) as [string, string];
  return { status, out, err };
}

const nobody = "http://127.0.0.1:9";

describe("one command", () => {
  it("adds, lists, edits, shows and deletes; another device sees it", async () => {
    const as = ["--user", "one", "--device"];
    expect(await run([...as, "phone", "add", "entry", "duration=30", "Scales,", "slowly"])).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^added {2}[0-9a-f]{8} {2}.* 30 min {2}practice {2}Scales, slowly\n$/),
    });
    const listed = await run([...as, "laptop", "list"]);
    const id = /^ {2}([0-9a-f]{8}) .* 30 min {2}practice {2}Scales, slowly$/m.exec(listed.out)![1]!;
    expect(listed.out).toMatch(/^logbook entries \(1\)\n/);
    await run([...as, "laptop", "edit", id, "duration=45", "mood=excited"]);
    const { out } = await run([...as, "phone", "--json", "show", id]);
    expect(JSON.parse(out)).toMatchObject({ duration: 45, mood: "excited", notes: "Scales, slowly" });
    await run([...as, "phone", "delete", id]);
    expect((await run([...as, "laptop", "list", "entry"])).out).toMatch(/^no logbook entries here yet/);
  }, 60_000);

  it("keeps what can't be sent, says so, and sends it the next time", async () => {
    const as = ["--user", "two", "--store", join(home, "two")];
    const added = await run([...as, "add", "goal", "Ten", "hours"], { url: nobody });
    expect(added).toMatchObject({ status: 0, out: expect.stringMatching(/^added/) });
    expect(added.err).toMatch(/the sync did not succeed.*\n.*kept here and goes out the next time/);
    expect((await run([...as, "pending"], { url: nobody })).out).toMatch(/goal {2}Ten hours.* not sent yet/);
    expect((await run([...as, "flush"])).out).toBe("● connected\n");
    expect((await run(["--user", "two", "--no-store", "list"])).out).toContain("Ten hours");
  }, 60_000);

  it("tells what the server refuses, with status 1, and what can be done about it", async () => {
    const as = ["--user", "three"];
    const refused = await run([...as, "add", "unchecked", "goal", "Scales", "targetValue=many"]);
    expect(refused).toMatchObject({
      status: 1,
      err: expect.stringMatching(/refused .* INVALID_ITEM: targetValue: /),
    });
    const letters = await run([...as, "letters"]);
    expect(letters.out).toMatch(/goal {2}Scales.* INVALID_ITEM: .*\nedit <id> mends one/);
    const id = /([0-9a-f]{8})/.exec(letters.out)![1]!;
    expect(await run([...as, "edit", id, "targetValue=600"])).toMatchObject({ status: 0, err: "" });
    expect((await run([...as, "letters"])).out).toBe("nothing was refused\n");
    await run([...as, "add", "unchecked", "goal", "Other", "targetValue=many"]);
    const other = /([0-9a-f]{8}) .*Other/.exec((await run([...as, "letters"])).out)![1]!;
    expect((await run([...as, "discard", other])).status).toBe(0);
    expect((await run([...as, "list"])).out).not.toContain("Other");
  }, 60_000);

  it("signs out, and does not erase by accident what no server has", async () => {
    const as = ["--user", "four", "--store", join(home, "four")];
    await run([...as, "add", "goal", "Scales"], { url: nobody });
    expect(await run([...as, "sign-out", "erase"], { url: nobody })).toMatchObject({
      status: 2,
      err: expect.stringContaining("1 of your writes are on no server and would be lost: flush, or say"),
    });
    expect((await run([...as, "sign-out"], { url: nobody })).out).toMatch(/1 unsent write stays here/);
    expect((await run([...as, "sign-out", "erase", "unsent"], { url: nobody })).out).toMatch(
      /nothing .* is left/,
    );
    expect(readdirSync(join(home, "four"))).toEqual([]);
    expect((await run([...as, "list"], { url: nobody })).out).toMatch(/nothing here yet/);
  }, 60_000);
});

it("leaves nothing of a user who signs out and erases, not even a name", async () => {
  const env = { XDG_DATA_HOME: join(home, "of-four") };
  await run(["--user", "erased", "add", "goal", "Scales"], { env });
  await run(["--user", "kept", "add", "goal", "Scales"], { env });
  await run(["--user", "erased", "sign-out", "erase"], { env });
  const left = readdirSync(join(home, "of-four"), { recursive: true }).join();
  expect(left).not.toContain("erased");
  expect(left).toMatch(/kept.*journal/);
});

describe("lines from a pipe", () => {
  it("are done one after the other; one that fails is told with its number, and stops nothing", async () => {
    const lines = ["# a session", "add piece Für Elise composer=Beethoven", "ad goal x", "list", "pending"];
    const { status, out, err } = await run(["--user", "five"], { lines });
    expect(out).toMatch(/^added {2}für elise-beethoven {2}Für Elise {2}Beethoven {2}planned\npieces \(1\)\n/);
    expect(err).toBe('✗ line 3: there is no command "ad". Did you mean add?\n');
    expect(status).toBe(1);
    expect((await run(["--user", "five", "--no-store", "list"])).out).toContain("Für Elise");
  }, 60_000);

  it("watch tells of other devices as they write, until it is interrupted", async () => {
    const watching = new Program(["--user", "six", "watch"]);
    await expectTold(watching, /● connected/);
    await run(["--user", "six", "--device", "other", "add", "goal", "Seen"]);
    await expectTold(watching, /← [0-9a-f]{8} {2}goal {2}Seen/);
    watching.interrupt();
    expect(await watching.end()).toBe(0);
    expect(watching.err).toBe("");
  }, 60_000);
});

describe("what can't be done is told in a sentence", () => {
  it.each<[string, string[], RegExp, string?]>([
    ["a command", ["lst"], /there is no command "lst"\. Did you mean list\?/],
    ["a type", ["add", "gaol", "x"], /there is no type "gaol"; there are entry, .* Did you mean goal\?/],
    ["a member", ["add", "entry", "x"], /entry: duration is missing: add duration=/],
    ["a value", ["add", "entry", "duration=ten"], /entry: duration must be a whole number/],
    ["an id", ["delete", "nothere"], /there is no entity "nothere" here: list shows the ids/],
    ["an address", ["list"], /--url: localhost is no http or https address/, "localhost"],
    ["a token", ["list"], /which token\? .* give MIRUBATO_TOKEN/, "https://sync.example"],
  ])("%s", async (_, words, message, url = nobody) => {
    const { status, err } = await run(["--user", "u", "--no-store", ...words], { url });
    expect(err).toMatch(message);
    expect(status).toBe(2);
  });

  it("a replica that another program has open", async () => {
    const first = new Program(["--user", "seven"], { url: nobody });
    first.say("status");
    await expectTold(first, /state/);
    const { status, err } = await run(["--user", "seven", "list"], { url: nobody });
    expect(err).toMatch(
      /^mirubato-sync: Another client has .* open\. .*--device <name>, or --store <folder>/,
    );
    expect(status).toBe(3);
    expect(await first.end()).toBe(0);
  }, 60_000);

  it("a token of another user, and one that the server refuses; neither is shown", async () => {
    const others = await tokenFor("mallory");
    const wrong = await run(["--user", "eight", "pull"], { env: { MIRUBATO_TOKEN: others } });
    expect(wrong.err).toMatch(/✗ .*token.* user/);
    expect(wrong.status).toBe(1);
    const refused = await run(["--user", "eight", "pull"], {
      env: { MIRUBATO_JWT_SECRET: "not the server's at all" },
    });
    expect(refused.err).toMatch(/✗ .*token/i);
    expect(refused.status).toBe(1);
    expect(wrong.err + refused.err).not.toMatch(/eyJ/);
  }, 60_000);

  it("a token command that fails", async () => {
    const command = "echo no such user >&2; exit 3";
    const { status, err } = await run(["--user", "u", "--token-command", command, "pull"]);
    expect(err).toMatch(/✗ .*token.*no such user/);
    expect(status).toBe(1);
  }, 60_000);
});

describe("two terminals and a killed server", () => {
  it("both write offline, and end equal", async () => {
    const data = join(home, "server-data");
    let reference = await startServer("--persist", data);
    const at = { url: reference.url };
    const [phone, laptop] = ["phone", "laptop"].map(
      (device) => new Program(["--user", "alice", "--device", device], at),
    ) as [Program, Program];
    phone.say("watch", "add goal id=shared Before");
    laptop.say("watch");
    await expectTold(laptop, /← shared {2}goal {2}Before/);
    await reference.kill();
    await Promise.all([
      // The laptop may have heard of the goal before the phone had its answer.
      expectTold(phone, /○ reconnecting( in \d+ s)?(, 1 pending)?\n/),
      expectTold(laptop, /○ reconnecting/),
    ]);
    phone.say("edit shared By the phone", "add entry duration=20 On the phone", "pending");
    await expectTold(phone, /entry {2}.* {2}(not sent yet|sent, no answer yet)/);
    laptop.say("add entry duration=25 On the laptop");
    await expectTold(laptop, /added .*On the laptop/);
    reference = await startServer("--persist", data, "--port", String(reference.port));
    await expectTold(laptop, /← shared {2}goal {2}By the phone/);
    await expectTold(laptop, /← .*On the phone/);
    await expectTold(phone, /← .*On the laptop/);
    for (const program of [phone, laptop]) {
      program.say("flush", "list goal", "list entry");
      await expectTold(program, /logbook entries \(2\)\n.*On the laptop\n.*On the phone\n/);
      expect(program.out).toMatch(/goals \(1\)\n {2}shared {2}By the phone {2}active\n/);
      expect(await program.end()).toBe(0);
    }
    await reference.kill();
  }, 90_000);
});
