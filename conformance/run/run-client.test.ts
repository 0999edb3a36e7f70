import { afterEach, describe, expect, it } from "vitest";
import type { Requirement } from "../../spec/requirements.ts";
import { type ClientCheckDefinition, clientCheck } from "../client-check.ts";
import type { FoundClient } from "../discover-checks.ts";
import { AdapterGone, type ClientSubject } from "../drivers/client/port.ts";
import { clientOnPorts } from "../drivers/testing/client-on-ports.ts";
import { clientMutant } from "../model-client/mutant.ts";
import { CheckFailure, NotApplicable, TimingFailure } from "../verdict.ts";
import { createRedactor } from "../wire/redaction.ts";
import { runClient } from "./run-client.ts";
import { statusOf } from "./result.ts";

const any = clientMutant({
  name: "any",
  story: "Any.",
  breaks: ["RUN-001"],
  deform: (conforming) => conforming,
});
const check = (
  slug: string,
  run: ClientCheckDefinition["run"],
  more: Pick<ClientCheckDefinition, "timeless" | "secondMs"> = {},
): FoundClient => ({
  ...clientCheck({ id: `RUN-001/${slug}`, name: "a check", brokenBy: [any], run, ...more }),
  area: "run",
});
const requirement: Requirement = {
  id: "RUN-001",
  role: "client",
  level: "MUST",
  profile: "client",
  text: "A client MUST.",
  file: "spec/run.md",
  line: 1,
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function verdictOn(
  only: FoundClient,
  { bend = (one) => one, load = 0 }: { bend?: (subject: ClientSubject) => ClientSubject; load?: number } = {},
) {
  const subject = clientOnPorts();
  closing.push(() => subject.close());
  const { result } = await runClient({
    subject: bend(subject),
    description: "a client",
    redactor: createRedactor(),
    checks: [only],
    requirements: [requirement],
    seed: "1",
    concurrency: 2,
    rerun: () => "again",
    load: () => load,
  });
  return { ...result.checks[0]!, status: statusOf(result) };
}

describe("what fails where time is shortened", () => {
  it("fails if it does so with more time, too", async () => {
    const { verdict, message, status } = await verdictOn(
      check("fails", async ({ open, seconds }) => {
        await open();
        throw new TimingFailure(`late at ${seconds(1)} ms`);
      }),
    );
    expect({ verdict, message, status }).toEqual({ verdict: "failed", message: "late at 200 ms", status: 1 });
  });

  it.each([
    ["fails at once if it is not about time: a race need not come out the same way again", 0, "failed", 1],
    [
      "is tried again where so many wait for each core that a client's time may have been out",
      7,
      "passed",
      2,
    ],
  ] as const)("%s", async (_, load, expected, times) => {
    let runs = 0;
    const { verdict, message } = await verdictOn(
      check(
        "loses-a-write-once",
        async ({ open }) => {
          await open();
          if ((runs += 1) === 1) throw new CheckFailure("a write was lost");
        },
        // No machine stands still for half of ten of these.
        { secondMs: 990 },
      ),
      { load },
    );
    expect({ verdict, runs }).toEqual({ verdict: expected, runs: times });
    expect(message).toMatch(/a write was lost$/);
  });

  it.each([
    ["is not judged, but tried again, where the machine stood still", undefined, "passed"],
    ["is the client's all the same if time has nothing to do with it", true, "failed"],
  ] as const)("%s", async (_, timeless, expected) => {
    let runs = 0;
    const { verdict } = await verdictOn(
      check(
        "stands-still-once",
        async ({ open, seconds }) => {
          await open();
          if ((runs += 1) > 1) return;
          const until = performance.now() + seconds(6);
          while (performance.now() < until);
          throw new CheckFailure("the socket is closed");
        },
        timeless ? { timeless } : {},
      ),
    );
    expect(verdict).toBe(expected);
  });

  it("is about time where the check waited for something in vain", { timeout: 30_000 }, async () => {
    const { verdict } = await verdictOn(
      check("waits", async ({ open, waitFor, seconds }) => {
        await open();
        await waitFor("what comes with more time", () => seconds(1) > 100, { seconds: 1 });
      }),
    );
    expect(verdict).toBe("inconclusive");
  });

  it("is tried with more time still where the machine was busy all along", async () => {
    const { verdict, message } = await verdictOn(
      check(
        "stands-still-twice",
        async ({ open, seconds }) => {
          await open();
          if (seconds(1) > 100) return;
          const until = performance.now() + seconds(6);
          while (performance.now() < until);
          throw new TimingFailure("too late");
        },
        { secondMs: 10 },
      ),
    );
    expect(verdict).toBe("passed");
    expect(message).toMatch(
      /^at a second try, where a second .* took 160 ms; .* took 10 ms, this machine stood still .* failed: too late$/,
    );
  });

  it("is not found out if it does not, and never passed, where nothing was seen of a machine that is busy", async () => {
    const { verdict, message, status } = await verdictOn(
      check("late", async ({ open, seconds }) => {
        await open();
        if (seconds(1) < 100) throw new TimingFailure("too late", { expected: "soon", actual: "late" });
      }),
    );
    expect({ verdict, status }).toEqual({ verdict: "inconclusive", status: 3 });
    expect(message).toMatch(
      /^too late; but only where a second .* took 50 ms, not where it took 200 ms: this machine was busy, or the client has a race/,
    );
  });
});

it.each([
  ["passed", /came to inconclusive: nothing came about$/],
  ["not-applicable", /^it is free to do otherwise$/],
] as const)(
  "what did not come about is tried again where the machine stood still: %s",
  async (then, said) => {
    const { verdict, message } = await verdictOn(
      check("nothing-at-first", async ({ open, seconds, inconclusive }) => {
        await open();
        if (seconds(1) > 100) {
          if (then === "passed") return;
          throw new NotApplicable("it is free to do otherwise");
        }
        const until = performance.now() + seconds(6);
        while (performance.now() < until);
        inconclusive("nothing came about");
      }),
    );
    expect(verdict).toBe(then);
    expect(message).toMatch(said);
  },
);

it("more time is more than the least that its clients take, and what became of it is told", async () => {
  const { verdict, message } = await verdictOn(
    check(
      "late-and-then-gone",
      async ({ open, seconds, inconclusive }) => {
        await open();
        if (seconds(1) > 50) inconclusive("nothing came about");
        throw new TimingFailure("too late");
      },
      { secondMs: 5 },
    ),
    { bend: (subject) => ({ ...subject, shortestSecondMs: 25 }) },
  );
  expect(verdict).toBe("inconclusive");
  expect(message).toMatch(
    /^too late; that was where .* took 25 ms; where it took 100 ms the check came to inconclusive: nothing came about\. Run it/,
  );
});

it("where a shared process ends, each check is run alone", async () => {
  const launched: boolean[] = [];
  const told = await verdictOn(
    check("blameless", async ({ open }) => void (await open())),
    {
      bend: (subject) => ({
        ...subject,
        async launch(options) {
          const alone = options?.alone === true;
          launched.push(alone);
          // The first is the doorstep's.
          if (!alone && launched.length > 1)
            throw new AdapterGone("the adapter ended (exit code 1)", { shared: true });
          return subject.launch(options);
        },
      }),
    },
  );
  expect(launched).toEqual([false, false, true]);
  expect(told.verdict).toBe("passed");
});
