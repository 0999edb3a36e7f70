import { describe, expect, it } from "vitest";
import { billOf, costOf, perUser, type Priced } from "./cost.ts";
import type { Counted, Operation } from "./count.ts";
import { nothing, type Counts } from "./counts.ts";
import { PLATFORM, PRICES, USAGE } from "./inputs.ts";
import { renderCost } from "./page.ts";

const doing = (counts: Partial<Counts>): Counts => ({ ...nothing(), ...counts });
const request = { workerRequests: 1, objectRequests: 1 };
const operations: Record<Operation, Counts> = {
  push1: doing({ ...request, d1Calls: 2, d1RowsWritten: 10 }),
  push50: doing({ ...request, d1Calls: 2, d1RowsWritten: 304 }),
  push500: doing({ ...request, d1Calls: 2, d1RowsWritten: 3_004 }),
  pullNothing: doing({ ...request, d1Calls: 1, d1RowsRead: 2 }),
  pull10: doing({ ...request, d1Calls: 1, d1RowsRead: 12 }),
  openSocket: doing(request),
  catchUpNothing: doing({ messagesIn: 1, d1Calls: 2, d1RowsRead: 3 }),
  mutation: doing({ messagesIn: 1, d1Calls: 2, d1RowsRead: 5, d1RowsWritten: 7 }),
  ping: nothing(),
};
const counted: Counted = { operations, bytesPerEntity: 1_000, bytesPerRecord: 500, wakesPerIdleHour: 6 };

const days = USAGE.daysPerMonth.value;
const sessions = USAGE.sessionsPerDay.value * days;
const pushes = USAGE.pushesPerDay.value * days;
const mutations = USAGE.mutationsPerDay.value * days;

describe("one user's month", () => {
  const use = perUser(counted);

  it("a push of a few items costs the rows of one, and six more for each further item", () => {
    const rows = 10 + 6 * (USAGE.itemsPerPush.value - 1);
    expect(use.d1RowsWritten.quantity).toBeCloseTo(pushes * rows + mutations * 7);
    expect(use.d1RowsWritten.formula).toContain(`push × ${rows}`);
  });

  it("messages on sockets count by twenties, the wakes of an idle one in full", () => {
    const wakes = ((sessions * USAGE.minutesPerSession.value) / 60) * 6;
    const messages = (sessions + mutations) / PLATFORM.messagesPerRequest;
    expect(use.objectRequests.quantity).toBeCloseTo(2 * sessions + pushes + messages + wakes);
  });

  it("storage is what is kept, and the records of a day", () => {
    const bytes = USAGE.entities.value * 1_000 + USAGE.pushesPerDay.value * 500;
    expect(use.d1StorageGb.quantity).toBeCloseTo(bytes / 1e9);
  });
});

describe("a bill", () => {
  const none = { quantity: 0, formula: "" };
  const only = (what: Priced, quantity: number) => ({
    ...(Object.fromEntries(Object.keys(perUser(counted)).map((name) => [name, none])) as ReturnType<
      typeof perUser
    >),
    [what]: { quantity, formula: "" },
  });

  it("is the subscription as long as everything is included", () => {
    expect(billOf(1_000, only("d1RowsWritten", 50_000), counted).dollars).toBe(PRICES.subscription);
  });

  it("charges what is beyond", () => {
    // (1,000 × 60,000 − 50 million) rows at a dollar a million.
    expect(billOf(1_000, only("d1RowsWritten", 60_000), counted).dollars).toBe(PRICES.subscription + 10);
  });

  it("tells the tightest limit first, and what is done beyond it", () => {
    const [few, , many] = costOf(counted).bills;
    expect(few!.demands[0]!.quantity).toBeLessThan(few!.demands[0]!.limit);
    expect(many!.demands[0]).toMatchObject({
      limit: PLATFORM.d1DatabaseGb,
      remedy: expect.stringContaining("hash"),
    });
  });
});

it("the page says how it comes to its figures", () => {
  const page = renderCost(costOf(counted));
  for (const words of ["| users | 1,000 | 100,000 | 10,000,000 |", PRICES.asOf, "45 pull × 1", "beyond it"])
    expect(page).toContain(words);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
