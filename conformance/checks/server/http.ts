import { serverCheck } from "../../check.ts";
import { BODY_CALLS } from "../sync-calls.ts";
import * as faulty from "./http.mutants.ts";

export const errorsAreProblems = serverCheck({
  id: "HTTP-001/every-error-is-a-problem-document",
  name: "errors of every kind have the media type, members and code of problem details",
  brokenBy: [faulty.answersErrorsAsPlainJson, faulty.leavesOutErrorText, faulty.problemStatusDiffers],
  async run({ device, expect, http }) {
    const json = { changes: {} };
    const post = { method: "POST", path: "/api/sync/push", as: device };
    expect.problem(
      await http({ ...post, json, headers: { authorization: undefined } }),
      401,
      "TOKEN_MISSING",
    );
    expect.problem(
      await http({ ...post, json, headers: { authorization: "Bearer x.y.z" } }),
      401,
      "TOKEN_INVALID",
    );
    expect.problem(await http({ ...post, path: "/api/sync/nowhere", json }), 404, "NOT_FOUND");
    expect.problem(await http({ ...post, method: "DELETE" }), 405, "METHOD_NOT_ALLOWED");
    expect.problem(await http({ ...post, text: "{" }), 400, "INVALID_JSON");
    expect.problem(await http({ ...post, json: {} }), 400, "INVALID_REQUEST");
    expect.problem(
      await http({ ...post, text: "a", headers: { "content-type": "text/plain" } }),
      415,
      "UNSUPPORTED_MEDIA_TYPE",
    );
    expect.problem(
      await http({ ...post, json, headers: { "x-idempotency-key": "a b" } }),
      400,
      "INVALID_IDEMPOTENCY_KEY",
    );
    expect.problem(await device.tryPull({ since: "never-issued" }), 410, "CURSOR_EXPIRED");
  },
});

export const unknownPaths = serverCheck({
  id: "HTTP-002/unknown-paths-are-404",
  name: "unknown paths are answered 404",
  brokenBy: [faulty.answersUnknownPathsWithAPage, faulty.matchesPathsByPrefix],
  async run({ device, expect, http }) {
    for (const path of [
      "/api/sync/pulls",
      "/api/sync/push/all",
      "/api/sync",
      "/nowhere",
      "/api/sync/batch/../unknown",
    ]) {
      for (const method of ["GET", "POST"]) {
        const json = method === "POST" ? { changes: {} } : undefined;
        expect.problem(await http({ method, path, as: device, json }), 404, "NOT_FOUND");
      }
    }
    expect.status(await device.tryStatus(), 200);
  },
});

export const otherMethods = serverCheck({
  id: "HTTP-003/other-methods-are-405",
  name: "a known path with another method is answered 405, naming the methods that work",
  brokenBy: [faulty.answersOtherMethodsWith404, faulty.leavesOutAllow, faulty.allowNamesTheWrongMethod],
  async run({ device, expect, http }) {
    for (const [, path] of BODY_CALLS) {
      for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
        const reply = await http({ method, path, as: device });
        expect.problem(reply, 405, "METHOD_NOT_ALLOWED");
        expect.header(reply, "allow", /\bPOST\b/);
      }
    }
    const reply = await http({ method: "POST", path: "/api/sync/status", as: device, json: {} });
    expect.problem(reply, 405, "METHOD_NOT_ALLOWED");
    expect.header(reply, "allow", /\bGET\b/);
  },
});

export const answersFitTheirSchema = serverCheck({
  id: "HTTP-009/answers-fit-their-schema",
  name: "every successful answer is valid under its schema and declared as JSON",
  brokenBy: [
    faulty.leavesOutStats,
    faulty.tellsVersionsAsText,
    faulty.declaresJsonAsText,
    faulty.leavesOutAnEmptyCollection,
  ],
  async run({ device, deployedDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const [entry, goal] = [anEntry(), aGoal()];
    // Every answer is held against the schema of its call as it comes in.
    const replies = [
      await device.push({ entries: [entry, edited(entry)], goals: [goal] }),
      await device.push(
        { entries: [anEntry({ duration: -1 })], goals: [aDeletion(goal)] },
        { invalid: "on purpose" },
      ),
      await device.batch([{ id: goal["id"] as string, type: "goal", data: edited(goal), version: 1 }]),
      await deployedDevice().push({ goals: [aGoal({ updatedAt: undefined })] }),
      await device.pull(),
      await device.pull({ limit: 1 }),
      await device.status(),
    ];
    for (const reply of replies) expect.header(reply, "content-type", /^application\/json\b/i);
  },
});

export const notStored = serverCheck({
  id: "HTTP-010/answers-are-not-for-caches",
  name: "answers to authenticated requests are not for caches",
  brokenBy: [faulty.allowsCaching],
  async run({ device, expect, aGoal }) {
    for (const reply of [
      await device.pull(),
      await device.push({ goals: [aGoal()] }),
      await device.status(),
    ]) {
      expect.header(reply, "cache-control", /\bno-store\b/i);
    }
  },
});

export const failingStore = serverCheck({
  id: "HTTP-011/a-failing-store-is-503",
  name: "while its store fails the server says so, and asks to come back",
  brokenBy: [faulty.acknowledgesFailedWrites, faulty.recordsServerErrors],
  needs: ["control:fail-next-write"],
  async run({ device, expect, control, aGoal }) {
    const goal = aGoal();
    const push = device.preparePush({ goals: [goal] });
    await control.failNextWrite();
    const failed = await push.send();
    expect.problem(failed, 503, "UNAVAILABLE");
    expect.header(failed, "retry-after", /^\d+$/);

    expect.outcome(await push.send(), 0, "applied");
    expect.live(await device.pull(), goal["id"] as string);
  },
});
