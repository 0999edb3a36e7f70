import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { discoverChecks } from "../discover-checks.ts";
import { explain } from "./explain.ts";

/** All checks are to be loaded, on a machine that may be busy. */
describe("explain", () => {
  it("prints a requirement with its place, its checks and the faults that they catch", async () => {
    const text = await explain("IDEM-002");
    expect(text).toMatch(/^IDEM-002 {2}server MUST, profile http, spec\/idempotency\.md:\d+\n/);
    expect(text).toMatch(
      /check IDEM-002\/replay-changes-nothing[^]*catches forgets-idempotency-keys\n.*short life/,
    );
  });

  it("prints an area by either name, and by that of a file of checks", async () => {
    expect(await explain("idem")).toMatch(/IDEM-001[^]*IDEM-002/);
    expect(await explain("Idempotency")).toMatch(/IDEM-001[^]*IDEM-002/);
    expect(await explain("push-envelope")).toMatch(/^PUSH-0/);
  });

  it("prints a check", async () => {
    const text = await explain("idem-002/REPLAY-changes-nothing");
    expect(text).toMatch(/^IDEM-002[^]*\n {2}check IDEM-002\/replay-changes-nothing\n/);
    expect(text.match(/\n {2}check /g)).toHaveLength(1);
  });
});

it.each(["server", "client"] as const)(
  "each check of a %s stands in a file that names its requirement",
  async (role) => {
    // Who asks for one requirement is shown what stands in the files that name it.
    const checks = await discoverChecks(role);
    expect(checks.length).toBeGreaterThan(100);
    const unnamed = checks.filter(({ area, requirement }) => {
      const file = fileURLToPath(new URL(`../checks/${role}/${area}.ts`, import.meta.url));
      return !readFileSync(file, "utf8").includes(requirement);
    });
    expect(unnamed.map(({ id }) => id)).toEqual([]);
  },
);

it("loads only the files that name a requirement", async () => {
  const found = await discoverChecks("server", ["IDEM-017"]);
  expect(found.map(({ id }) => id)).toContain("IDEM-017/kept-for-a-day");
  expect(found.length).toBeLessThan(100);
});
