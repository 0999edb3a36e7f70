import { describe, expect, it } from "vitest";
import { serverCheck } from "../check.ts";
import type { FoundCheck } from "../discover-checks.ts";
import { mutant } from "../model/mutant.ts";
import { CouldNotRun } from "../verdict.ts";
import { misfits, selectRows, summarise } from "./matrix.ts";
import { tryCheck } from "./trial.ts";
import type { Trial } from "./trial.ts";

const refusesAll = mutant({
  name: "refuses-all",
  story: "Its database is gone.",
  breaks: ["PUSH-001"],
  deform: (conforming) => ({ ...conforming, judge: () => "superseded" }),
});
const harmless = mutant({
  name: "harmless",
  story: "Nothing is wrong with it.",
  breaks: ["PUSH-001"],
  deform: (conforming) => conforming,
});

function checkThat(run: FoundCheck["run"], brokenBy = [refusesAll]): FoundCheck {
  return {
    ...serverCheck({ id: "PUSH-001/a-sample", name: "a push is applied", brokenBy, run }),
    area: "push",
  };
}
const honest = checkThat(async ({ device, expect: seen, anEntry }) => {
  seen.outcomes(await device.push({ entries: [anEntry()] }), ["applied"]);
});

describe("a trial", () => {
  it("holds where the check passes on the model and fails on a mutant", async () => {
    expect(await tryCheck(honest)).toMatchObject({ mutant: null, held: true });
    expect(await tryCheck(honest, refusesAll)).toMatchObject({ mutant: "refuses-all", held: true });
  });

  it("tells of a mutant that goes unnoticed", async () => {
    expect(await tryCheck(honest, harmless)).toMatchObject({
      held: false,
      why: expect.stringMatching(/^passed/),
    });
  });

  it.each([
    ["a crash", new TypeError("undefined is not a function"), /^could-not-run: the suite is at fault/],
    ["a failed set-up", new CouldNotRun("nobody there"), /^could-not-run: nobody there/],
  ])("is no kill by %s, and says why", async (_what, error, words) => {
    const check = checkThat(() => Promise.reject(error));
    expect(await tryCheck(check, refusesAll)).toMatchObject({
      held: false,
      why: expect.stringMatching(words),
    });
  });

  it("is no kill by a time-out", async () => {
    const check = { ...checkThat(() => new Promise(() => {})), timeoutMs: 20 };
    expect(await tryCheck(check, refusesAll)).toMatchObject({
      held: false,
      why: "could-not-run: the check did not end within 0.02 s",
    });
  });
});

describe("a trial on a machine that stood still", () => {
  const standStill = (): void => {
    const until = performance.now() + 400;
    while (performance.now() < until);
  };

  it("is played again, and judged by the next try", async () => {
    let plays = 0;
    const check = checkThat(async (context) => {
      plays += 1;
      if (plays > 1) return honest.run(context);
      standStill();
    });
    expect(await tryCheck(check, refusesAll)).toMatchObject({ held: true, tries: 2 });
  });

  it("is not where a check of servers fails on the model: that would be a false alarm on such a machine", async () => {
    const check = checkThat(async ({ expect: seen }) => {
      standStill();
      seen.fail("it came late");
    });
    expect(await tryCheck(check)).toMatchObject({ held: false, tries: 1 });
  });
});

describe("the summary", () => {
  const rows = [{ check: { ...honest, brokenBy: [refusesAll, harmless] }, mutants: [refusesAll, harmless] }];
  const trial = (name: string | null, held: boolean): Trial => ({
    check: honest.id,
    mutant: name,
    held,
    tries: 1,
  });

  it("names the killers and the survivors", () => {
    const trials = [trial(null, true), trial("refuses-all", true), trial("harmless", false)];
    const { name, story, breaks } = refusesAll;
    expect(summarise({ rows, trials })).toEqual({
      total: 2,
      killed: 1,
      survivors: ["harmless"],
      mutants: [
        { name: "harmless", story: harmless.story, breaks: ["PUSH-001"], killedBy: [] },
        { name, story, breaks, killedBy: [honest.id] },
      ],
    });
  });

  it("takes no kill from a check that fails on the model, too", () => {
    const trials = [trial(null, false), trial("refuses-all", true), trial("harmless", true)];
    expect(summarise({ rows, trials })).toMatchObject({ killed: 0, survivors: ["harmless", "refuses-all"] });
  });
});

describe("the selection", () => {
  const both = { ...honest, brokenBy: [refusesAll, harmless] };

  it.each([["PUSH-001/a-sample"], ["push-001"], ["push"]])("takes %s with all of its mutants", (word) => {
    expect(selectRows([both], [word])[0]?.mutants).toEqual([refusesAll, harmless]);
  });

  it("takes a mutant alone", () => {
    expect(selectRows([both], ["harmless"])).toEqual([{ check: both, mutants: [harmless] }]);
  });

  it("says what was nearest to a word that names nothing", () => {
    expect(() => selectRows([both], ["harmles"])).toThrow(
      'no check, area or mutant "harmles". Did you mean harmless?',
    );
  });
});

describe("misfits", () => {
  it("are mutants of one name, and mutants that do not break what their check is for", () => {
    const twin = mutant({ ...harmless, breaks: ["PUSH-002"] });
    expect(misfits([{ ...honest, brokenBy: [harmless, twin] }])).toEqual([
      "PUSH-001/a-sample is brokenBy harmless, which does not say that it breaks PUSH-001",
      "two mutants are called harmless",
    ]);
  });
});
