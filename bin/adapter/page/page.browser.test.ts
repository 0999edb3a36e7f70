import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { discoverChecks } from "../../../conformance/discover-checks.ts";
import { browserSubject } from "../../../conformance/drivers/client/browser.ts";
import type { ClientSubject } from "../../../conformance/drivers/client/port.ts";
import { runClientCheck } from "../../../conformance/run/run-client-check.ts";
import { buildPage } from "./build.ts";

/** What the reference client does not do, or does in a way that leaves nothing to check. */
const NOT_APPLICABLE = /needs capability "socketMutations"|as it may/;

/** Longer than a run takes at first, as nothing here tries again: other tests want the cores, too. */
const SECOND_MS = 60;

const folder = mkdtempSync(join(tmpdir(), "adapter-page-"));
// Random lives are as long as all others together; what they find is no browser's own. `test client --browser` plays them.
const checks = (await discoverChecks("client")).filter(({ area }) => area !== "random-lives");
let subject: ClientSubject;
beforeAll(async () => {
  const page = await buildPage(folder);
  subject = { ...(await browserSubject({ page, answerTimeoutMs: 20_000 })), shortestSecondMs: SECOND_MS };
});
afterAll(async () => {
  await subject.close!();
  rmSync(folder, { recursive: true });
});

describe.concurrent("the reference client in Chromium", () => {
  for (const check of checks) {
    it(`passes ${check.id}`, { timeout: check.timeoutMs + 10_000 }, async () => {
      const given = { seed: "browser", nonce: "browser", level: "MUST" } as const;
      const { verdict, message = "", expected, actual } = await runClientCheck(check, subject, given);
      if (verdict === "not-applicable") expect(message).toMatch(NOT_APPLICABLE);
      else expect([verdict, message, expected, actual]).toEqual(["passed", "", undefined, undefined]);
    });
  }
});
