import { discoverVariants } from "../model/discover-variants.ts";
import type { Variant } from "../model/variant.ts";

/** A server that conforms, as the command line is told of it. */
export interface SoakSubject extends Pick<Variant, "declines"> {
  name: string;
  /** What `test server` is told. */
  flags: readonly string[];
}

const ORIGIN = "https://app.example";

/** The reference server, the model, every variant of it over real HTTP and WebSocket, and what else is to be started. */
export async function soakSubjects(cli: string, also: readonly string[]): Promise<SoakSubject[]> {
  const served = (words: string): string[] => [
    "--control",
    `"${process.execPath}" "${cli}" serve --port {port} --control --origin ${ORIGIN}${words}`,
    "--origin",
    ORIGIN,
  ];
  const variants = await discoverVariants();
  return [
    // As `npm start` has it.
    { name: "reference", flags: ["--config", "reference-server/conformance.config.json"] },
    { name: "model", flags: served(" --model") },
    ...variants.map((variant) => ({
      name: variant.name,
      flags: [
        ...served(` --model --variant ${variant.name}`),
        // What it does not tell by discovery its operator has to.
        ...(variant.silent
          ? ["--profile", (variant.options?.profiles ?? ["http", "realtime"]).join(",")]
          : []),
      ],
      ...(variant.declines ? { declines: variant.declines } : {}),
    })),
    ...also.map((command, index) => ({ name: `also-${index + 1}`, flags: ["--start", command] })),
  ];
}
