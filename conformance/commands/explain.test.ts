import { describe, expect, it } from "vitest";
import { loadRequirements } from "../../spec/requirements.ts";
import { discoverChecks } from "../discover-checks.ts";
import { explain } from "./explain.ts";

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
  "no check of a %s is missed where one requirement is asked for",
  async (role) => {
    const all = await discoverChecks(role);
    for (const { id } of loadRequirements()) {
      const own = all.filter(({ requirement }) => requirement === id).map((check) => check.id);
      const found = await discoverChecks(role, [id]);
      expect(found.filter(({ requirement }) => requirement === id).map((check) => check.id)).toEqual(own);
    }
  },
);
