import { PassThrough } from "node:stream";
import picocolors from "picocolors";
import { expect, it, onTestFinished } from "vitest";
import { memoryStorage, SyncClient } from "../../reference-client/index.ts";
import { atTerminal } from "./conversation.ts";
import { lines, tell } from "./session.ts";

/** A terminal without colours, on a client that talks to nobody. */
async function terminal() {
  const client = await SyncClient.open({
    url: "http://127.0.0.1:9",
    user: "alice",
    token: () => null,
    storage: memoryStorage(),
    settings: { autoSync: "never" },
  });
  onTestFinished(() => client.close());
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  output.on("data", (chunk: Buffer) => (shown += chunk.toString()));
  const colours = picocolors.createColors(false);
  const write = (line: string): void => void output.write(`${line}\n`);
  const conversation = atTerminal(client, colours, { input, output });
  const told = tell(
    client,
    { out: write, err: write, colours, columns: 100, json: false },
    { kept: "nowhere" },
    { print: conversation.print, end: conversation.end, promptsState: true },
  );
  told.session.watch(true);
  const { signal } = new AbortController();
  return { client, conversation, input, shown: () => shown, ended: lines(told, conversation, signal) };
}

/** To the end of the screen. */
const CLEAR = "\u001b[J";
const PROMPT = "alice ○ offline › ";

it("prompts with the state, does lines, and completes commands", async () => {
  const { input, shown, ended } = await terminal();
  await expect.poll(shown).toContain(PROMPT);
  input.write("pen");
  // A tab that comes with other keys was pasted, and completes nothing.
  await expect.poll(shown).toMatch(/pen$/);
  input.write("\t");
  await expect.poll(shown).toContain("ding ");
  input.write("\r");
  await expect.poll(shown).toContain("nothing waits: the server has it all\n");
  input.write("add goal Ten hours\r");
  await expect.poll(shown).toMatch(/added {2}[0-9a-f]{8} {2}Ten hours {2}active\n/);
  await expect.poll(shown).toContain("alice ○ offline, 1 pending › ");
  input.write("quit\r");
  expect(await ended).toBe(0);
  expect(shown()).toMatch(/1 write waits here for the next time\n$/);
});

it("tells what happens above the line that is being typed, and keeps that", async () => {
  const { client, conversation, input, shown, ended } = await terminal();
  await expect.poll(shown).toContain(PROMPT);
  input.write("add goal half a li");
  await expect.poll(shown).toContain("half a li");
  const before = shown().length;
  await client.create("goal", { title: "Elsewhere" });
  // The prompt is another one now, and what was typed stands behind it.
  await expect.poll(() => shown().slice(before)).toContain("alice ○ offline, 1 pending › add goal half a li");
  const then = shown().length;
  conversation.print(() => {});
  // The line is cleared before it is drawn anew.
  const drawn = shown().slice(then);
  expect(drawn.startsWith(`\r${CLEAR}`)).toBe(true);
  expect(drawn).toContain("half a li");
  input.write("\u0003");
  expect(await ended).toBe(0);
});
