import { MEMBERS } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Call } from "../../model-client/behaviour/announcing.ts";
import type { Answer } from "../../model-client/behaviour/answers.ts";
import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";

type ReadAnswer = ClientBehaviour["readAnswer"];
type Response = Parameters<ReadAnswer>[2];

/** An answer of status 200 that the conforming client takes for none, as `lenient` has it. */
function reads(
  conforming: ClientBehaviour,
  lenient: (context: Context, call: Call, response: Response) => Answer | undefined,
): ClientBehaviour {
  return {
    ...conforming,
    readAnswer: (context, call, response) =>
      conforming.readAnswer(context, call, response) ??
      (response.status === 200 ? lenient(context, call, response) : undefined),
  };
}

const accepted = (body: JsonObject): Answer => ({ status: 200, body, code: undefined, replay: false });

function jsonOf({ body }: Response): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a reader makes of an answer that lacks everything. */
function withDefaults({ store }: Context, call: Call, body: JsonObject): JsonObject {
  const { token, epoch } = store.state;
  const timestamp = new Date().toISOString();
  const empty = { syncToken: token ?? timestamp, timestamp };
  if (call !== "pull") return { ...empty, results: [], entityCount: 0, ...body };
  const page = { meta: {}, deleted: [], hasMore: false, epoch: epoch ?? "", through: 0 };
  return { ...empty, ...page, mode: token === null ? "full" : "delta", ...body };
}

/** Everything that was sent leaves the outbox. */
function forgetsWhatWasSent({ store }: Context): void {
  store.transaction(() => {
    for (const [n, change] of store.changes) if (change.sent) store.changes.delete(n);
    store.requests.clear();
  });
}

export const goesByTheStatusAlone = clientMutant({
  name: "goes-by-the-status-alone",
  story:
    "response.ok is enough to empty the queue: in a hotel, the evening's practice goes to the captive portal.",
  breaks: ["CLI-018", "CLI-042"],
  deform: (conforming) =>
    reads(conforming, (context, call, response) => {
      if (call === "push") forgetsWhatWasSent(context);
      return accepted(withDefaults(context, call, jsonOf(response) ?? {}));
    }),
});

export const fillsInWhatIsMissing = clientMutant({
  name: "fills-in-what-is-missing",
  story: "A reader with defaults for every member takes any JSON for an answer without news.",
  breaks: ["CLI-042"],
  deform: (conforming) =>
    reads(conforming, (context, call, response) => {
      const body = jsonOf(response);
      return body && accepted(withDefaults(context, call, body));
    }),
});

export const neverLooksAtTheContentType = clientMutant({
  name: "never-looks-at-the-content-type",
  story: "response.json() parses whatever comes, and a page that happens to be JSON is an answer.",
  breaks: ["CLI-042"],
  deform: (conforming) =>
    reads(conforming, (context, call, response) => {
      const headers = { ...response.headers, "content-type": "application/json" };
      return conforming.readAnswer(context, call, { ...response, headers });
    }),
});

export const stopsAtJsonThatDoesNotParse = clientMutant({
  name: "stops-at-json-that-does-not-parse",
  story: "JSON.parse throws where nobody catches, and what was to set the next timer never runs.",
  breaks: ["CLI-042"],
  deform: (conforming) =>
    reads(conforming, (context, _call, response) => {
      if (jsonOf(response) === undefined) context.stopped = "SyntaxError";
      return undefined;
    }),
});

export const buriesWhatGotNoAnswer = clientMutant({
  name: "buries-what-got-no-answer",
  story:
    "An answer that cannot be read is taken for a refusal of what was sent, so that the queue cannot get stuck.",
  breaks: ["CLI-029", "CLI-042"],
  deform: (conforming) =>
    reads(conforming, (_context, call) =>
      call === "push" ? { status: 422, body: {}, code: "UNREADABLE", replay: false } : undefined,
    ),
});

export const takesANewKeyAfterNoise = clientMutant({
  name: "takes-a-new-key-after-noise",
  story: "An answer came, so the key counts as used up, and what it carried goes under another.",
  breaks: ["CLI-009", "CLI-042"],
  deform: (conforming) =>
    reads(conforming, (_context, call) =>
      call === "push" ? { status: 422, body: {}, code: "IDEMPOTENCY_KEY_REUSED", replay: false } : undefined,
    ),
});

export const startsOverAfterNoise = clientMutant({
  name: "starts-over-after-noise",
  story:
    "What a pull says that cannot be read is a sign of a bad cursor: the data is dropped and fetched again.",
  breaks: ["CLI-042"],
  deform: (conforming) =>
    reads(conforming, (context, call) => {
      if (call !== "pull") return undefined;
      context.store.transaction(() => {
        context.store.rows.clear();
        conforming.forgetCursor(context);
      });
      return undefined;
    }),
});

const PUSH = ["success", "results", "syncToken", "timestamp", "conflicts", "stats"];
const PULL = ["mode", "hasMore", "epoch", "through", "lastSeq", "deleted", "meta", "syncToken", "timestamp"];
const KNOWN = new Set<string>([...PUSH, ...PULL, ...MEMBERS]);

export const validatesStrictly = clientMutant({
  name: "validates-strictly",
  story:
    "additionalProperties: false stands in the generated validator, and one new member of a newer server ends all sync.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    isBodyOf: (context, call, body) =>
      call === "status"
        ? conforming.isBodyOf(context, call, body)
        : Object.keys(body).every((name) => KNOWN.has(name)) && conforming.isBodyOf(context, call, body),
  }),
});

export const takesOnlyTypesThatItKnows = clientMutant({
  name: "takes-only-types-that-it-knows",
  story: "meta is read into a closed set of collections, and a page with another one is not taken.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    isBodyOf(context, call, body) {
      const { meta } = body;
      const strange =
        call === "pull" &&
        isJsonObject(meta) &&
        Object.keys(meta).some((name) => !MEMBERS.some((member) => member === name));
      return !strange && conforming.isBodyOf(context, call, body);
    },
  }),
});

export const readsResultsStrictly = clientMutant({
  name: "reads-results-strictly",
  story: "A result with a member that the decoder does not know fails to decode, and is as good as none.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    settleOne(context, change, result, tally) {
      const known = [
        "pointer",
        "outcome",
        "meta",
        "item",
        "code",
        "errors",
        "entityId",
        "entityType",
        "serverTime",
      ];
      if (Object.keys(result).every((name) => known.includes(name) || name === "detail"))
        conforming.settleOne(context, change, result, tally);
    },
  }),
});
