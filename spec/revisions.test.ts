import { describe, expect, it } from "vitest";
import { faultsOf, freeze } from "./freeze.ts";
import type { Requirement } from "./requirements.ts";
import { loadRequirements } from "./requirements.ts";
import { diffRevisions } from "./revision-diff.ts";
import { loadRevisions, nameOf } from "./revisions.ts";
import type { Revision } from "./revisions.ts";

const said = (id: string, text = `${id} MUST hold.`, more: Partial<Requirement> = {}): Requirement => ({
  id,
  role: "server",
  level: "MUST",
  profile: "http",
  text,
  file: "spec/x.md",
  line: 1,
  ...more,
});
const PROSE = [said("X-001"), said("X-002")];
const [ONE, TWO] = PROSE as [Requirement, Requirement];
/** A made-up past: revision 1.0, in either state. */
const past = (state: "draft" | "final" = "final"): Revision[] => [
  freeze(PROSE, [], { final: state === "final" }),
];

describe("the frozen lists of this specification", () => {
  it("hold every requirement of the prose, and none is lost, reused or silently changed", () => {
    expect(faultsOf(loadRequirements(), loadRevisions())).toEqual([]);
  });
});

describe("the judgement of prose against frozen lists", () => {
  it("finds nothing where they agree", () => {
    expect(faultsOf(PROSE, past())).toEqual([]);
    expect(faultsOf(PROSE, past("draft"))).toEqual([]);
  });

  it.each<[string, Requirement[], RegExp]>([
    [
      "a changed text",
      [ONE, said("X-002", "X-002 MUST NOT hold.")],
      /X-002: its text changed.*1\.0 is final/,
    ],
    ["a changed level", [ONE, { ...TWO, level: "SHOULD" }], /X-002: its level changed/],
    ["a changed profile", [ONE, { ...TWO, profile: "realtime" }], /X-002: its profile changed/],
    ["a lost reason", [ONE, { ...TWO, unobservable: "it is inside" }], /X-002: its unobservable changed/],
    ["a new requirement", [...PROSE, said("X-003")], /X-003 is new.*npm run spec:freeze/],
    ["a removed one", [ONE], /X-002 is gone from the prose: .*--withdraw X-002/],
  ])("finds %s", (_, prose, fault) => {
    expect(faultsOf(prose, past()).join("\n")).toMatch(fault);
  });

  it("finds an id that is used again", () => {
    const withdrawn = [...past(), freeze([ONE], past(), { withdraw: ["X-002"] })];
    expect(faultsOf([ONE], withdrawn)).toEqual([]);
    expect(faultsOf([ONE, TWO], withdrawn).join("\n")).toMatch(/X-002 was withdrawn and is used again/);
    const [first, second] = withdrawn as [Revision, Revision];
    const third = { ...second, revision: "1.2", requirements: first.requirements };
    expect(faultsOf(PROSE, [first, { ...second, state: "final" }, third]).join("\n")).toMatch(
      /X-002 was withdrawn by 1\.1 and is used again in 1\.2/,
    );
  });

  it("finds a final list that was written over, by what a later one would have to have withdrawn", () => {
    const [first] = past() as [Revision];
    const next = { ...first, revision: "1.1", requirements: first.requirements.slice(0, 1) };
    expect(faultsOf([ONE], [first, next])).toEqual([
      "X-002 of 1.0 is lost in 1.1: neither kept nor withdrawn",
    ]);
  });

  it("finds a draft that is not the newest, a gap in the names, and no list at all", () => {
    const [draft] = past("draft") as [Revision];
    expect(faultsOf(PROSE, [draft, { ...draft, revision: "1.2" }])).toEqual([
      "1.2 stands where 1.1 belongs",
      "1.0 is a draft, and not the newest",
    ]);
    expect(faultsOf(PROSE, []).join("\n")).toMatch(/no revision is frozen/);
  });
});

describe("freezing", () => {
  it("writes a draft anew, and opens the next revision after a final one", () => {
    const prose = [ONE, said("X-002", "X-002 MUST hold twice."), said("X-003")];
    const again = freeze(prose, past("draft"));
    expect(nameOf(again)).toBe("1.0-draft");
    const next = freeze(prose, past());
    expect(nameOf(next)).toBe("1.1-draft");
    expect(faultsOf(prose, [...past(), next])).toEqual([]);
    expect(nameOf(freeze(prose, [...past(), next], { final: true }))).toBe("1.1");
  });

  it("refuses what would lose an id or give it to another requirement", () => {
    expect(() => freeze([ONE], past())).toThrow(/X-002 is gone .*--withdraw X-002/);
    expect(() => freeze([ONE], past("draft"))).toThrow(/X-002 is gone/);
    expect(() => freeze([ONE, { ...TWO, role: "client" }], past("draft"))).toThrow(
      /X-002 now binds the client/,
    );
    const withdrawn = freeze([ONE], past(), { withdraw: ["X-002"] });
    expect(() => freeze(PROSE, [...past(), withdrawn])).toThrow(/X-002 was withdrawn: take a number/);
    expect(() => freeze(PROSE, past(), { withdraw: ["X-002"] })).toThrow(/X-002: it stands in the prose/);
    expect(() => freeze(PROSE, past(), { withdraw: ["X-009"] })).toThrow(/X-009: no revision has it/);
  });
});

describe("the difference of two revisions", () => {
  it("has what is new, gone and altered, and counts the rest", () => {
    const after = freeze(
      [said("X-001", "X-001 MUST hold, always.", { level: "SHOULD" }), said("X-003")],
      past(),
      {
        withdraw: ["X-002"],
      },
    );
    const { added, removed, altered, kept } = diffRevisions(past()[0]!, after);
    expect(added.map(({ id }) => id)).toEqual(["X-003"]);
    expect(removed.map(({ id }) => id)).toEqual(["X-002"]);
    expect(altered).toMatchObject([{ after: { id: "X-001" }, aspects: ["level", "text"] }]);
    expect(kept).toBe(0);
  });
});
