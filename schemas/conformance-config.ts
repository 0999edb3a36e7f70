import { Type, type Static } from "@sinclair/typebox";
import { schemaId } from "./define.ts";

const text = (description: string, options: object = {}) =>
  Type.Optional(Type.String({ minLength: 1, ...options, description }));
const texts = (description: string, options: object = {}) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, ...options }), { description }));

/** The settings of the suite, `mirubato-sync.config.json`. Closed, so that a misspelt name is an error. No secret stands in it. */
export const ConformanceConfig = Type.Object(
  {
    $schema: text("Where this schema lies, for editors."),
    url: text("Base address of the server under test.", { pattern: "^https?://" }),
    wsUrl: text("Address of its WebSocket endpoint, if discovery does not tell.", { pattern: "^wss?://" }),
    adapter: text(
      "The command of the adapter of the client under test, or tcp://host:port. A file with it is about a client.",
    ),
    browser: text(
      "The page that is the adapter of the client under test, an HTML file or a URL, in place of `adapter`.",
    ),
    realTime: Type.Optional(
      Type.Boolean({
        description:
          "Whether a client's own waiting takes the specification's durations, not shortened ones.",
      }),
    ),
    start: text("The command that starts the server under test; ended with the run, its children too."),
    profiles: texts("The profiles to test. Absent: those that discovery names."),
    only: texts("Ids of requirements or checks, or areas, to test. Absent: all."),
    headers: Type.Optional(
      Type.Unsafe<Record<string, string>>({
        type: "object",
        additionalProperties: { type: "string" },
        description: "Headers to add to every request.",
      }),
    ),
    ca: text("File with the certificates (PEM) to trust beside the usual ones."),
    concurrency: Type.Optional(Type.Integer({ minimum: 1, description: "How many checks run at once." })),
    instances: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: "How many servers the suite starts, on a port each, to share the checks among them.",
      }),
    ),
    deadlineSeconds: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: "When the whole run ends at the latest, in seconds." }),
    ),
    failFast: Type.Optional(Type.Boolean({ description: "Whether to end at the first failure." })),
    control: text("The command of an operator's control process: JSON lines, see the guide."),
    baseline: text("File of known failures (schema conformance_baseline): they don't make the run fail."),
    report: texts("Reports to write, as `<format>=<file>`.", { pattern: "^[a-z]+=.+$" }),
    jwtSecretEnv: text(
      "Name of the environment variable that holds the secret with which tokens are signed.",
      {
        pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
      },
    ),
    tokenCommand: text("The command that gets `{user, claims, header}` on stdin and prints a token."),
    origins: texts("Web origins that are on the server's allow-list.", { pattern: "^https?://[^/]+$" }),
    seed: Type.Optional(
      Type.Unsafe<string | number>({
        type: ["string", "integer"],
        description: "What random choices come from; the same seed repeats them. Absent: a new one each run.",
      }),
    ),
  },
  {
    additionalProperties: false,
    $id: schemaId("config_file"),
    title: "ConformanceConfig",
    description:
      "The settings of the conformance suite, `mirubato-sync.config.json`. Options on the command line win.",
    examples: [
      {
        url: "http://localhost:8787",
        profiles: ["http"],
        concurrency: 8,
        report: ["json=reports/result.json"],
        jwtSecretEnv: "MIRUBATO_JWT_SECRET",
        origins: ["https://mirubato.com"],
      },
    ],
  },
);
export type ConformanceConfig = Static<typeof ConformanceConfig>;
