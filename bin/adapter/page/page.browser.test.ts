import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { discoverChecks } from "../../../conformance/discover-checks.ts";
import { browserSubject } from "../../../conformance/drivers/client/browser.ts";
import type { ClientSubject } from "../../../conformance/drivers/client/port.ts";
import { runClient } from "../../../conformance/run/run-client.ts";
import type { CheckResult } from "../../../conformance/run/result.ts";
import { createRedactor } from "../../../conformance/wire/redaction.ts";
import { loadRequirements } from "../../../spec/requirements.ts";
import { buildPage } from "./build.ts";

/** What the reference client does not do, or does in a way that leaves nothing to check. */
const NOT_APPLICABLE = /needs capability "socketMutations"|as it may/;

/** Longer than a run takes at first: other tests want the cores, too. */
const SECOND_MS = 60;

const folder = mkdtempSync(join(tmpdir(), "adapter-page-"));
// Random lives are as long as all others together; what they find is no browser's own. `test client --browser` plays them.
const checks = (await discoverChecks("client")).filter(({ area }) => area !== "random-lives");
const outcomes = new Map(checks.map(({ id }) => [id, Promise.withResolvers<CheckResult>()]));
let subject: ClientSubject;
let running: Promise<unknown>;
beforeAll(async () => {
  const page = await buildPage(folder);
  subject = { ...(await browserSubject({ page, answerTimeoutMs: 20_000 })), shortestSecondMs: SECOND_MS };
  running = runClient({
    subject,
    description: "the reference client in Chromium",
    checks,
    requirements: loadRequirements(),
    redactor: createRedactor(),
    seed: "browser",
    concurrency: 8,
    rerun: () => "npm run test:browser",
    onCheck: (result) => outcomes.get(result.id)!.resolve(result),
  }).catch((error: unknown) => outcomes.forEach(({ reject }) => reject(error)));
});
afterAll(async () => {
  await running;
  await subject.close!();
  rmSync(folder, { recursive: true });
});

describe("the reference client in Chromium", () => {
  it.each(checks)("passes $id", { timeout: 600_000 }, async ({ id }) => {
    const { verdict, message, expected, actual } = await outcomes.get(id)!.promise;
    if (verdict === "not-applicable") expect(message).toMatch(NOT_APPLICABLE);
    else expect(verdict, JSON.stringify({ message, expected, actual })).toBe("passed");
  });
});
