import { describe, expect, it } from "vitest";
import { jsonOf, keyNamed, newItem, patched } from "./items.ts";

const unique = (): string => "new-id";

describe("what an app gives", () => {
  it("becomes JSON: what is undefined is left out, dates are texts, names and cases as the protocol has them", () => {
    const item = {
      id: "e1",
      start: new Date(0),
      notes: undefined,
      deep: { no: undefined },
      session_id: "s",
      mood: "Proud",
    };
    expect(jsonOf("logbook_entry", item)).toEqual({
      id: "e1",
      start: "1970-01-01T00:00:00.000Z",
      deep: {},
      sessionId: "s",
      mood: "proud",
    });
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  it.each([
    ["a number that JSON has not", { title: NaN }, "title is no JSON"],
    ["a function", { deep: [{ call: () => 1 }] }, "call is no JSON"],
    ["a lone surrogate", { title: "\ud800" }, "title is no JSON"],
    ["one in a name", { "\ud800": 1 }, "is no JSON"],
    ["a big integer", { n: 1n }, "n is no JSON"],
    ["a circle", circular, "it is no JSON object"],
    ["a list", [], "it is no JSON object"],
    ["nothing", undefined as never, "it is no JSON object"],
  ])("is refused by name: %s", (_, item: object, message) => {
    expect(() => jsonOf("goal", item)).toThrow(expect.objectContaining({ code: "INVALID_ITEM" }));
    expect(() => jsonOf("goal", item)).toThrow(message);
  });
});

describe("ids", () => {
  it("are made where there is none, from title and composer for a piece", () => {
    expect(newItem("goal", { title: "t" }, unique)).toEqual({
      key: "goal/new-id",
      item: { title: "t", id: "new-id" },
    });
    expect(newItem("repertoire_item", { title: "Für Elise", composer: "Beethoven" }, unique).key).toBe(
      "repertoire_item/für elise-beethoven",
    );
  });

  it("are normalised wherever the app names one, and are 1 to 255 characters", () => {
    expect(keyNamed("repertoire_item", " Moonlight-Beethoven ")).toBe("repertoire_item/moonlight-beethoven");
    for (const id of ["", "x".repeat(256)])
      expect(() => keyNamed("goal", id)).toThrow(expect.objectContaining({ code: "INVALID_ITEM" }));
  });

  it("are not changed by a patch, which sets members and removes those that are undefined", () => {
    const visible = { id: "g1", title: "t", description: "d" };
    expect(patched("goal", visible, { id: "g2", title: "u", description: undefined })).toEqual({
      id: "g1",
      title: "u",
    });
  });
});
