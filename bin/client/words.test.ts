import { describe, expect, it } from "vitest";
import { UsageError } from "../../conformance/run/select.ts";
import { folderOf } from "./store.ts";
import { table } from "./screen.ts";
import { membersOf, wordsOf } from "./words.ts";

describe("a line", () => {
  it.each<[string, string[]]>([
    ["add goal  Ten hours", ["add", "goal", "Ten", "hours"]],
    [`edit 1 "two words" title='a "b" c'`, ["edit", "1", "two words", `title=a "b" c`]],
    ["add piece Beethoven's Ninth", ["add", "piece", "Beethoven's", "Ninth"]],
    ['say \\"no\\" a\\ b ""', ["say", '"no"', "a b", ""]],
    ["  ", []],
  ])("%s", (line, words) => expect(wordsOf(line)).toEqual(words));

  it("with a quote that is open is not guessed at", () => {
    expect(() => wordsOf('add goal "Ten')).toThrow(new UsageError('a " is open: close it, or write \\"'));
  });
});

describe("members", () => {
  it("are JSON where they look like it, else text; without a value they go", () => {
    const words = [
      "Slow",
      "duration=30",
      "notes=30 minutes",
      "tags=[1",
      'pieces=[{"title":"x"}]',
      "mood=",
      "a=b=c",
    ];
    expect(membersOf([...words, "2 = 3", "autoTracked=true"])).toEqual({
      text: "Slow 2 = 3",
      members: {
        duration: 30,
        notes: "30 minutes",
        tags: "[1",
        pieces: [{ title: "x" }],
        mood: undefined,
        a: "b=c",
        autoTracked: true,
      },
    });
  });
});

describe("a table", () => {
  it("has columns of one width, leaves out those in which nothing stands, and ends with the screen", () => {
    expect(
      table(
        [
          ["a", "", "für Elise"],
          ["bcd", "", "x".repeat(40)],
        ],
        22,
      ),
    ).toEqual(["a    für Elise", "bcd  xxxxxxxxxxxxxx…"]);
  });
});

describe("the folder of a replica", () => {
  const folder = (url: string, user: string, device = "default"): string =>
    folderOf({ url, user, device }, { XDG_DATA_HOME: "/data" });

  it("tells servers, users and devices apart, and leads nowhere else", () => {
    expect(folder("https://Sync.example/x/", "alice")).toBe(
      "/data/mirubato-sync/sync.example%2fx/alice/default",
    );
    expect(folder("http://127.0.0.1:8787", "..", ".")).toBe("/data/mirubato-sync/127.0.0.1%3a8787/%2e./%2e");
    expect(folder("https://a.example", "Alice")).not.toBe(folder("https://a.example", "alice"));
    const [one, two] = [
      folder("https://a.example", `${"é".repeat(200)}1`),
      folder("https://a.example", "é".repeat(200)),
    ];
    expect(one).not.toBe(two);
    expect(one.split("/").every((name) => name.length <= 120)).toBe(true);
  });
});
