import type { JsonObject } from "../../../schemas/json.ts";
import type { Answer } from "../../model/answer.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal, StorageFailure } from "../../model/refusal.ts";

/** The answer to each refusal, changed. */
const refusing =
  (change: (answer: Answer) => Answer) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    refuse: (context, refusal) => change(conforming.refuse(context, refusal)),
  });

/** The problem document of each refusal, changed. */
const problems =
  (change: (problem: JsonObject) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    problem: (context, refusal) => change(conforming.problem(context, refusal)),
  });

export const answersErrorsAsPlainJson = mutant({
  name: "answers-errors-as-plain-json",
  story: "The framework's json() helper sets its own media type on errors too.",
  breaks: ["HTTP-001"],
  deform: refusing((answer) => ({
    ...answer,
    headers: { ...answer.headers, "content-type": "application/json" },
  })),
});

export const leavesOutErrorText = mutant({
  name: "leaves-out-error-text",
  story: '`error` was dropped when problem details came, and deployed clients show "undefined".',
  breaks: ["HTTP-001"],
  deform: problems(({ error: _left, ...rest }) => rest),
});

export const problemStatusDiffers = mutant({
  name: "problem-status-differs",
  story: "The status within the problem is a constant of the error class.",
  breaks: ["HTTP-001"],
  deform: problems((problem) => ({ ...problem, status: 400 })),
});

export const answersUnknownPathsWithAPage = mutant({
  name: "answers-unknown-paths-with-a-page",
  story: "A single-page app is served for every path that nothing else takes.",
  breaks: ["HTTP-002"],
  deform: (conforming) => ({
    ...conforming,
    async intercept(context) {
      if (conforming.route(context) !== undefined) return conforming.intercept(context);
      const body = new TextEncoder().encode("<!doctype html><title>Mirubato</title>");
      return { status: 200, headers: { "content-type": "text/html" }, body, refused: false };
    },
  }),
});

export const matchesPathsByPrefix = mutant({
  name: "matches-paths-by-prefix",
  story: "Routes are compared with startsWith.",
  breaks: ["HTTP-002"],
  deform: (conforming) => ({
    ...conforming,
    route(context) {
      const known = ["/api/sync/pull", "/api/sync/push", "/api/sync/batch", "/api/sync/status"];
      const path = known.find((one) => context.path.startsWith(one));
      return conforming.route(path === undefined ? context : { ...context, path });
    },
  }),
});

export const answersOtherMethodsWith404 = mutant({
  name: "answers-other-methods-with-404",
  story: "The router knows pairs of method and path only.",
  breaks: ["HTTP-003"],
  deform: (conforming) => ({
    ...conforming,
    checkMethod(context, endpoint) {
      try {
        conforming.checkMethod(context, endpoint);
      } catch {
        throw new Refusal("NOT_FOUND", "there is nothing here");
      }
    },
  }),
});

export const leavesOutAllow = mutant({
  name: "leaves-out-allow",
  story: "405 without Allow, though RFC 9110 demands it.",
  breaks: ["HTTP-003"],
  deform: refusing((answer) => {
    const { allow: _left, ...headers } = answer.headers;
    return { ...answer, headers };
  }),
});

export const allowNamesTheWrongMethod = mutant({
  name: "allow-names-the-wrong-method",
  story: "Allow is a constant that was right for the first endpoint.",
  breaks: ["HTTP-003"],
  deform: refusing((answer) =>
    "allow" in answer.headers ? { ...answer, headers: { ...answer.headers, allow: "GET" } } : answer,
  ),
});

export const leavesOutStats = mutant({
  name: "leaves-out-stats",
  story: "stats was taken for debugging and removed.",
  breaks: ["HTTP-009"],
  deform: (conforming) => ({
    ...conforming,
    pushAnswer(context, judgements, head) {
      const { stats: _left, ...answer } = conforming.pushAnswer(context, judgements, head);
      return answer;
    },
  }),
});

export const tellsVersionsAsText = mutant({
  name: "tells-versions-as-text",
  story: "The store's driver returns large integers as texts.",
  breaks: ["HTTP-009"],
  deform: (conforming) => ({
    ...conforming,
    tellMeta(context, row) {
      const meta = conforming.tellMeta(context, row);
      return { ...meta, version: String(meta["version"]) };
    },
  }),
});

export const declaresJsonAsText = mutant({
  name: "declares-json-as-text",
  story: "The body is written as a text, and the platform adds its media type.",
  breaks: ["HTTP-009"],
  deform: (conforming) => ({
    ...conforming,
    succeed: (context, body) => {
      const answer = conforming.succeed(context, body);
      return { ...answer, headers: { ...answer.headers, "content-type": "text/plain;charset=UTF-8" } };
    },
  }),
});

export const leavesOutAnEmptyCollection = mutant({
  name: "leaves-out-empty-collections",
  story: "The serialiser omits empty lists, and clients iterate over undefined.",
  breaks: ["HTTP-009"],
  deform: (conforming) => ({
    ...conforming,
    pullAnswer: (context, walk, page) =>
      Object.fromEntries(
        Object.entries(conforming.pullAnswer(context, walk, page)).filter(
          ([name, value]) => name === "deleted" || !(Array.isArray(value) && value.length === 0),
        ),
      ),
  }),
});

export const allowsCaching = mutant({
  name: "allows-caching",
  story: "Nobody thinks of caches where every call is a POST, and then comes GET status.",
  breaks: ["HTTP-010"],
  deform: (conforming) => ({ ...conforming, commonHeaders: () => ({}) }),
});

export const acknowledgesFailedWrites = mutant({
  name: "acknowledges-failed-writes",
  story: "The write is not awaited, so its failure is seen by nobody.",
  breaks: ["HTTP-011", "PUSH-015"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      try {
        await conforming.commit(context, transaction);
      } catch (error) {
        if (!(error instanceof StorageFailure)) throw error;
      }
    },
  }),
});

export const recordsServerErrors = mutant({
  name: "records-server-errors",
  story: "Whatever is answered is remembered, so one bad moment of the store makes a push fail for a day.",
  breaks: ["HTTP-011", "IDEM-014"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      try {
        await conforming.commit(context, transaction);
      } catch (error) {
        const { record } = transaction;
        if (record) {
          const refusal = conforming.refuse(context, conforming.afterCrash(context, error));
          const { fingerprint } = record.record;
          conforming.saveRecord(context, record.key, conforming.recordOf(context, refusal, fingerprint));
        }
        throw error;
      }
    },
  }),
});
