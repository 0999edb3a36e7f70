import { Type, type Static, type TSchema } from "@sinclair/typebox";
import { oneOf, orNull, ref, schemaId } from "./define.ts";
import { CanonicalInstant } from "./scalars.ts";

/** The version of the result's shape. Another major number means another shape. */
export const RESULT_SCHEMA_VERSION = "1.0";

/** What a check or a requirement may come to. Closed. */
export const VERDICTS = [
  "passed",
  "failed",
  "warned",
  "not-applicable",
  "inconclusive",
  "could-not-run",
] as const;
export type Verdict = (typeof VERDICTS)[number];

const closed = { additionalProperties: false };
const verdict = (description: string) => oneOf(VERDICTS, description);
const milliseconds = (description: string) =>
  Type.Number({ minimum: 0, description: `${description} In ms.` });
const textOrNull = (description: string) => orNull<string>("string", { description });
const tally = (description: string) =>
  Type.Unsafe<Record<Verdict, number>>({
    type: "object",
    properties: Object.fromEntries(
      VERDICTS.map((name) => [name, { type: "integer", minimum: 0, description: `How many ${name}.` }]),
    ),
    required: [...VERDICTS],
    additionalProperties: false,
    description,
  });
const text = (description: string) => Type.String({ minLength: 1, description });

/** One message that went over the wire during a check. Secrets are removed. */
export const TranscriptEntry = Type.Object(
  {
    at: milliseconds("When, since the check's start."),
    direction: oneOf(
      ["request", "response", "sent-frame", "received-frame"],
      "`request` and `sent-frame`: to the server, the simulated one where a client is under test; or from the suite to the client's adapter, where that is the connection.",
    ),
    method: Type.Optional(text("The request's method.")),
    path: Type.Optional(text("The request's path and query.")),
    status: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 599, description: "The response's status." }),
    ),
    connection: Type.Optional(text("The WebSocket that the frame went over, as the check tells them apart.")),
    headers: Type.Unsafe<Record<string, string>>({
      type: "object",
      additionalProperties: { type: "string" },
      description: "Headers, names in lower case; none with a frame.",
    }),
    body: textOrNull("The body, or the frame, as text, possibly shortened; null if there was none."),
    note: Type.Optional(Type.String({ description: "What the message was for, or what was left out." })),
  },
  {
    ...closed,
    $id: schemaId("transcript_entry"),
    title: "TranscriptEntry",
    description: "One message that went over the wire during a check, without secrets.",
    if: { type: "object", required: ["direction"], properties: { direction: { const: "request" } } },
    then: { required: ["method", "path"] },
    else: {
      if: { type: "object", required: ["direction"], properties: { direction: { const: "response" } } },
      then: { required: ["status"] },
      else: { required: ["connection"] },
    },
    examples: [
      {
        at: 3.5,
        direction: "request",
        method: "POST",
        path: "/api/sync/pull",
        headers: { authorization: "Bearer (removed)" },
        body: "{}",
      },
      { at: 9.25, direction: "response", status: 401, headers: {}, body: null, note: "no body" },
      { at: 12, direction: "sent-frame", connection: "socket 1", headers: {}, body: '{"type":"PING"}' },
    ],
  },
);
export type TranscriptEntry = Static<typeof TranscriptEntry>;

/** What one check came to. */
export const CheckResult = Type.Object(
  {
    id: text("The check's id: its requirement's and a slug."),
    requirement: text("The id of the requirement that it checks."),
    name: text("What it checks, in a sentence."),
    verdict: verdict("What it came to."),
    durationMs: milliseconds("How long it ran."),
    message: textOrNull("Why the verdict is what it is; null if it passed and there is nothing to say."),
    expected: Type.Unknown({ description: "What should have been seen: any JSON, or null." }),
    actual: Type.Unknown({ description: "What was seen: any JSON, or null." }),
    transcript: Type.Array(ref(TranscriptEntry), {
      description: "The messages, in order; empty where they tell nothing.",
    }),
    history: Type.Optional(
      Type.Object(
        {
          steps: Type.Integer({ minimum: 1, description: "How many steps it takes to show it." }),
          of: Type.Integer({
            minimum: 1,
            description: "How many steps the history had that showed it first.",
          }),
          reproduced: Type.Boolean({
            description:
              "Whether it showed again when the history was played again; else it depends on timing.",
          }),
        },
        {
          ...closed,
          description:
            "A random history shows what is wrong: `actual` is a sequence diagram of the operations that contradict each other, a line of text each.",
        },
      ),
    ),
    rerun: textOrNull("The command that runs this check again, without secrets; null if there is none."),
    known: Type.Optional(
      text("It failed or warned, and a list of known failures expects that, for this reason."),
    ),
  },
  { ...closed, $id: schemaId("check_result"), title: "CheckResult", description: "What one check came to." },
);
export type CheckResult = Static<typeof CheckResult>;

/** The random histories of a run, and what arose in them. */
export const HistoriesResult = Type.Object(
  {
    played: Type.Integer({ minimum: 1, description: "How many were played to their end." }),
    situations: Type.Unsafe<Record<string, number>>({
      type: "object",
      additionalProperties: { type: "integer", minimum: 1 },
      description: "How often each situation arose on the wire, by name; those that never did are missing.",
    }),
  },
  {
    ...closed,
    $id: schemaId("histories_result"),
    title: "HistoriesResult",
    description: "The random histories that the run's checks were judged by, and the situations that arose.",
    examples: [{ played: 4, situations: { operations: 310, "lost answers": 9, "superseded writes": 41 } }],
  },
);
export type HistoriesResult = Static<typeof HistoriesResult>;

/** What one requirement came to. */
export const RequirementResult = Type.Object(
  {
    id: text("The requirement's id, such as `IDEM-002`."),
    level: oneOf(["MUST", "SHOULD", "MAY"], "How binding it is (RFC 2119)."),
    role: oneOf(["server", "client"], "Whom it binds."),
    profile: text("The profile that it belongs to."),
    verdict: verdict("The worst verdict of its checks."),
    checks: Type.Array(text("A check's id."), { description: "The checks that serve it." }),
    known: Type.Optional(
      text("It failed or warned, and all of its checks that did are known failures, for these reasons."),
    ),
  },
  {
    ...closed,
    $id: schemaId("requirement_result"),
    title: "RequirementResult",
    description: "What one requirement came to.",
  },
);
export type RequirementResult = Static<typeof RequirementResult>;

const baselineEntries = (description: string) =>
  Type.Array(
    Type.Object(
      {
        id: text("The entry: a requirement's id or a check's."),
        reason: text("The reason that it gives."),
        detail: text("What became of it in this run."),
      },
      closed,
    ),
    { description },
  );

const members = {
  schemaVersion: Type.Unsafe<typeof RESULT_SCHEMA_VERSION>({
    type: "string",
    const: RESULT_SCHEMA_VERSION,
    description: "The version of this shape.",
  }),
  specVersion: text("The version of the specification that was checked against."),
  suiteVersion: text("The version of the suite."),
  role: oneOf(["server", "client"], "The role of the subject under test."),
  subject: text("What was tested: its address or command, without secrets."),
  profiles: Type.Array(text("A profile."), { description: "The profiles that were tested." }),
  seed: Type.Unsafe<string | number>({
    type: ["string", "integer"],
    description: "What the run's random choices came from; the same seed repeats them.",
  }),
  startedAt: ref(CanonicalInstant, { description: "When the run began." }),
  startUpMs: milliseconds("How long the subject took to come up; 0 if it was running already."),
  durationMs: milliseconds("How long the run took, start-up not included."),
  summary: Type.Object(
    {
      requirements: tally("How many requirements came to each verdict."),
      checks: tally("How many checks came to each verdict."),
    },
    { ...closed, description: "The counts." },
  ),
  requirements: Type.Array(ref(RequirementResult), { description: "Every requirement that was looked at." }),
  checks: Type.Array(ref(CheckResult), { description: "Every check that was looked at." }),
  histories: Type.Optional(
    ref(HistoriesResult, { description: "The random histories that were played, if any were." }),
  ),
  baseline: Type.Optional(
    Type.Object(
      {
        stale: baselineEntries("Entries that match no failure any more: an error, until they are removed."),
        notJudged: baselineEntries("Entries of which this run can say nothing."),
      },
      {
        ...closed,
        description:
          "The list of known failures, where one was given: those of its entries that did not match.",
      },
    ),
  ),
} satisfies Record<string, TSchema>;

const none = { passed: 0, failed: 0, warned: 0, "not-applicable": 0, inconclusive: 0, "could-not-run": 0 };

/** What a run of the conformance suite came to: the file that `--report json=<file>` writes. */
export const ConformanceResult = Type.Object(members, {
  ...closed,
  $id: schemaId("result_file"),
  title: "ConformanceResult",
  description: "What a run of the conformance suite came to.",
  examples: [
    {
      schemaVersion: RESULT_SCHEMA_VERSION,
      specVersion: "1.0.0",
      suiteVersion: "0.1.0",
      role: "server",
      subject: "http://localhost:8787",
      profiles: ["http"],
      seed: "k2Jx8Q",
      startedAt: "2026-11-21T10:20:00.000Z",
      startUpMs: 0,
      durationMs: 41.5,
      summary: { requirements: { ...none, passed: 1 }, checks: { ...none, passed: 1 } },
      requirements: [
        {
          id: "IDEM-002",
          level: "MUST",
          role: "server",
          profile: "http",
          verdict: "passed",
          checks: ["IDEM-002/replay-changes-nothing"],
        },
      ],
      checks: [
        {
          id: "IDEM-002/replay-changes-nothing",
          requirement: "IDEM-002",
          name: "replaying a push returns the first response and changes nothing",
          verdict: "passed",
          durationMs: 41.5,
          message: null,
          expected: null,
          actual: null,
          transcript: [],
          rerun: null,
        },
      ],
    },
  ],
});
export type ConformanceResult = Static<typeof ConformanceResult>;
