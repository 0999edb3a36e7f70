import { Type, type Static } from "@sinclair/typebox";
import { ADAPTER_PROTOCOL, ADAPTER_VERBS } from "./adapter-verbs.ts";
import { ADAPTER_MESSAGES } from "./adapter.ts";
import { anyObject, oneOf, schemaId } from "./define.ts";

const id = Type.Integer({ minimum: 1, description: "The request's number: its answer repeats it." });
const is = (member: string, value: unknown) => ({
  type: "object",
  required: [member],
  properties: { [member]: { const: value } },
});
const isOk = is("ok", true);

/** A line that the suite writes to an adapter. */
export const AdapterRequest = Type.Object(
  {
    id,
    verb: oneOf(ADAPTER_VERBS, "What is asked for."),
    params: anyObject("What it is asked with; what must be in it depends on the verb."),
  },
  {
    $id: schemaId("adapter_request"),
    title: "AdapterRequest",
    description:
      "What the suite asks of an adapter: one line of JSON on its stdin. Unknown members are to be ignored.",
    allOf: ADAPTER_VERBS.map((verb) => ({
      if: is("verb", verb),
      then: { properties: { params: ADAPTER_MESSAGES[verb].params } },
    })),
    examples: [
      { id: 1, verb: "capabilities", params: {} },
      {
        id: 7,
        verb: "create",
        params: {
          client: "phone",
          type: "goal",
          item: { title: "Play the fugue by heart" },
        },
      },
    ],
  },
);
export type AdapterRequest = Static<typeof AdapterRequest>;

/** A line that an adapter writes for each request. Its schema tells results apart where `verb` is put in. */
export const AdapterAnswer = Type.Object(
  {
    id,
    ok: Type.Boolean({ description: "Whether it was done." }),
    verb: Type.Optional(
      oneOf(
        ADAPTER_VERBS,
        "What it answers. An adapter may leave it out; whoever judges an answer by this schema puts it in, so that `result` is judged, too.",
      ),
    ),
    result: Type.Optional(
      anyObject("Where it was done, what the verb has to tell: {} where that is nothing."),
    ),
    error: Type.Optional(
      Type.Object(
        {
          code: Type.String({ minLength: 1, description: "For programs, such as NOT_FOUND." }),
          message: Type.String({ description: "For people. No token stands in it." }),
        },
        { description: "Where it was not done: what the client's call was rejected with." },
      ),
    ),
  },
  {
    $id: schemaId("adapter_answer"),
    title: "AdapterAnswer",
    description:
      "An adapter's answer: one line of JSON on its stdout, in whatever order. Nothing but answers and events may be written there.",
    allOf: [
      { if: isOk, then: { required: ["result"] } },
      { if: is("ok", false), then: { required: ["error"] } },
      ...ADAPTER_VERBS.map((verb) => ({
        if: { allOf: [isOk, is("verb", verb)] },
        then: { properties: { result: ADAPTER_MESSAGES[verb].result } },
      })),
    ],
    examples: [
      {
        id: 1,
        ok: true,
        verb: "capabilities",
        result: {
          protocol: ADAPTER_PROTOCOL,
          name: "My client",
          version: "2.3.0",
          verbs: ["capabilities", "open", "create", "list", "close"],
          clients: 20,
          timing: true,
        },
      },
      { id: 2, ok: true, result: {} },
      { id: 3, ok: false, error: { code: "NOT_FOUND", message: "There is no goal g-1." } },
    ],
  },
);
export type AdapterAnswer = Static<typeof AdapterAnswer>;

/** A line that an adapter may write whenever it likes. */
export const AdapterEvent = Type.Object(
  {
    event: Type.String({ minLength: 1, description: "What happened, such as `status`. Open." }),
    client: Type.Optional(Type.String({ description: "To which client." })),
  },
  {
    $id: schemaId("adapter_event"),
    title: "AdapterEvent",
    description:
      "What an adapter tells without being asked: one line of JSON on its stdout. Nothing is judged by it; a report shows it.",
    examples: [{ event: "status", client: "phone", status: "connected" }],
  },
);
export type AdapterEvent = Static<typeof AdapterEvent>;
