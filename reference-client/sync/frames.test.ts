import { describe, expect, it } from "vitest";
import { SERVER_MESSAGES, SYNC_RESPONSES } from "../../schemas/realtime/messages.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { PullResponse } from "../../schemas/http/pull.ts";
import { frameOf, messageOf } from "./frames.ts";
import { pullPageOf } from "./read.ts";

describe("what the contracts give as examples", () => {
  const all = { ...SERVER_MESSAGES, ...SYNC_RESPONSES };
  it.each(Object.entries(all))("%s is read", (name, schema) => {
    for (const example of schema.examples as JsonObject[]) {
      const frame = frameOf(example);
      expect(frame.kind, name).not.toBe("unreadable");
      const carries = /^(ENTRY|PIECE|PLAN|ENTITY|BULK|REPERTOIRE)/.test(name);
      expect(frame.kind === "rows", name).toBe(carries);
    }
  });

  it("a pull is read", () => {
    for (const example of PullResponse["examples"] as JsonObject[]) expect(pullPageOf(example)).toBeDefined();
  });
});

describe("what is not the protocol's", () => {
  it("is no message, and what is unknown does no harm (CLI-041)", () => {
    for (const text of ["", "{", "[]", "null", '"PONG"', "{}", '{"type": 7}'])
      expect(messageOf(text)).toBeUndefined();
    expect(frameOf({ type: "PARTY", seq: 9 })).toEqual({ kind: "other" });
    expect(frameOf({ type: "constructor" })).toEqual({ kind: "other" });
  });

  it("makes a known message unreadable where something it tells is missing", () => {
    expect(frameOf({ type: "ENTRY_CREATED", seq: 9, entry: { id: "e1" } })).toEqual({ kind: "unreadable" });
    expect(frameOf({ type: "BULK_SYNC", entries: [{ id: "e1" }], meta: {}, lastSeq: 9 })).toEqual({
      kind: "unreadable",
    });
    expect(frameOf({ type: "SYNC_RESPONSE", message: "x" })).toEqual({ kind: "unreadable" });
  });

  it("is no pull either", () => {
    const good = PullResponse["examples"][0] as JsonObject;
    for (const bad of [
      { mode: "some" },
      { syncToken: 1 },
      { meta: {} },
      { hasMore: "no" },
      { timestamp: "noon" },
    ])
      expect(pullPageOf(Object.assign({}, good, bad)), JSON.stringify(bad)).toBeUndefined();
  });
});
