import { describe, expect, it } from "vitest";
import { main } from "./kill-soak.ts";

async function soak(...words: string[]): Promise<{ status: number; text: string }> {
  let text = "";
  const status = await main(words, (more) => (text += more));
  return { status, text };
}

describe("the kill soak", { timeout: 30_000 }, () => {
  it("passes a model that stores what it acknowledges", async () => {
    const { status, text } = await soak("--model", "--kills", "2", "--seed", "1");
    expect(text).toMatch(/^nothing lost: 2 kills, [1-9]\d* pushes acknowledged/m);
    expect(status).toBe(0);
  });

  it("fails one that acknowledges from a buffer", async () => {
    const { status, text } = await soak("--mutant", "flushes-writes-later", "--kills", "10", "--seed", "1");
    expect(text).toMatch(/^VIOLATION after \d+ kills: user-\d: .*(was acknowledged|half there)/m);
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
