import { describe, expect, it } from "vitest";
import { main } from "./kill-soak.ts";

async function soak(...words: string[]): Promise<{ status: number; text: string }> {
  let text = "";
  const status = await main(words, (more) => (text += more));
  return { status, text };
}

describe("the kill soak", { timeout: 30_000 }, () => {
  it("passes a model that stores what it acknowledges", async () => {
    const { status, text } = await soak("--model", "--kills", "4", "--seed", "1");
    expect(text).toMatch(
      /^nothing lost: \d+ kills, \d+ evictions, \d+ restarts, [1-9]\d* pushes acknowledged/m,
    );
    expect(text).toMatch(/ [1-9]\d* mutations acknowledged/);
    expect(status).toBe(0);
  });

  it.each([
    ["flushes-writes-later", /restarts: user-\d: (w\d|shared|s)-.*|the (reader|socket) /],
    ["buffers-what-sockets-write", /: s-\d+ was acknowledged/],
    ["loses-writes-when-evicted", /: s-\d+ was acknowledged/],
  ])("fails one that %s", async (mutant, violation) => {
    const { status, text } = await soak("--mutant", mutant, "--kills", "10", "--seed", "1");
    expect(text).toMatch(/^VIOLATION after \d+ kills, \d+ evictions, \d+ restarts: user-\d: /m);
    expect(text).toMatch(violation);
    expect(text).toMatch(/^FAILED: /m);
    expect(status).toBe(1);
  });

  it("tells a mistake in its options", async () => {
    expect(await soak("--kills", "no")).toMatchObject({
      status: 2,
      text: expect.stringContaining("--kills: no"),
    });
  });
});
