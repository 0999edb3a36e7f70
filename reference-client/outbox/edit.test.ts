import { describe, expect, it } from "vitest";
import { aRow, aWrite, KEY, workOn } from "../testing/work.ts";
import { edit } from "./edit.ts";

const titled = (title: string) => () => ({ id: "g1", title });
const refusal = { code: "INVALID_ITEM", detail: "no" };

describe("an edit", () => {
  it("is stamped above the clock, what was seen, and what is in flight (CLI-002)", () => {
    const stamp = (stored: Parameters<typeof workOn>[0]): number | undefined => {
      const work = workOn(stored);
      edit(work, KEY, titled("new"), 1000);
      return work.edits(KEY).waiting?.updatedAt;
    };
    expect(stamp({})).toBe(1000);
    expect(stamp({ state: { clockOffset: 500 } })).toBe(1500);
    expect(stamp({ rows: { [KEY]: { ...aRow(900, "old"), seen: 3000 } } })).toBe(3001);
    expect(stamp({ edits: { [KEY]: { sent: aWrite(4000, "sent") } } })).toBe(4001);
    expect(stamp({ state: { floor: { through: 1, at: 5000 } } })).toBe(5001);
  });

  it("joins what waits, never what was sent, and takes a dead letter's place (CLI-019, CLI-029)", () => {
    const sent = aWrite(1, "sent");
    const work = workOn({
      edits: { [KEY]: { sent, waiting: aWrite(2, "waits"), dead: { ...aWrite(1, "x"), refusal } } },
    });
    edit(work, KEY, titled("new"), 1000);
    expect(work.edits(KEY)).toEqual({ sent, waiting: expect.objectContaining({ updatedAt: 1000 }) });
    expect(work.edits(KEY).waiting?.item).toEqual({
      id: "g1",
      title: "new",
      updatedAt: "1970-01-01T00:00:01.000Z",
    });
  });

  it("that changes nothing queues nothing, whatever its members' order (CLI-016)", () => {
    const work = workOn({
      rows: { [KEY]: { ...aRow(5, "same"), item: { title: "same", id: "g1", updatedAt: "x" } } },
    });
    edit(work, KEY, titled("same"), 1000);
    edit(work, "goal/g1", () => ({ id: "g1", title: "same", deletedAt: null }), 1000);
    expect(work.changes().edits?.size).toBe(0);
  });
});

describe("a deletion", () => {
  it("carries id and time, and no more", () => {
    const work = workOn({ rows: { [KEY]: aRow(5, "there") } });
    edit(work, KEY, () => null, 1000);
    expect(work.edits(KEY).waiting).toMatchObject({
      deleted: true,
      item: { id: "g1", deletedAt: "1970-01-01T00:00:01.000Z" },
    });
  });

  it("of nothing is nothing; of what waits it takes the place, of what was sent it comes after (CLI-021)", () => {
    const nothing = workOn();
    edit(nothing, KEY, () => null, 1000);
    expect(nothing.changes().edits?.size).toBe(0);
    const unsent = workOn({ edits: { [KEY]: { waiting: aWrite(2, "waits") } } });
    edit(unsent, KEY, () => null, 1000);
    // After a restore the server may have it, and this device not know yet: then only a deletion that is sent is one.
    expect(unsent.edits(KEY)).toMatchObject({ waiting: { deleted: true } });
    const sent = workOn({ edits: { [KEY]: { sent: aWrite(2, "sent") } } });
    edit(sent, KEY, () => null, 1000);
    expect(sent.edits(KEY)).toMatchObject({ sent: { deleted: false }, waiting: { deleted: true } });
  });
});
