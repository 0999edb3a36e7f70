import { expect, test } from "vitest";
import { MemoryStorage } from "../adapters/memory.ts";
import { localUser } from "../testing/local-user.ts";

const DAY_MS = 86_400_000;

/** Counts devices at a time, as seen by a device that is among them. */
function visits(limits: object) {
  let now = 0;
  const call = localUser(new MemoryStorage(), "u", () => now, limits);
  return async (at: number, device: string): Promise<number> => {
    now = at;
    return (await call("status", undefined, { "x-device-id": device })).json.deviceCount;
  };
}

test("a device counts for thirty days after it was seen", async () => {
  const visit = visits({});
  expect(await visit(0, "phone")).toBe(1);
  expect(await visit(29 * DAY_MS, "tablet")).toBe(2);
  expect(await visit(31 * DAY_MS, "tablet")).toBe(1);
});

test("a window that was shortened is exact", async () => {
  const visit = visits({ deviceWindowMs: 60_000 });
  await visit(0, "phone");
  await visit(50_000, "phone");
  expect(await visit(100_000, "tablet")).toBe(2);
  expect(await visit(111_000, "tablet")).toBe(1);
});

test("names of a wrong form are ignored", async () => {
  const visit = visits({});
  for (const name of ["a b", "x".repeat(256)]) expect(await visit(0, name)).toBe(0);
  expect(await visit(0, "x".repeat(255))).toBe(1);
});
