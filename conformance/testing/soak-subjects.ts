import { dirname, join } from "node:path";
import { discoverVariants } from "../model/discover-variants.ts";
import type { Variant } from "../model/variant.ts";

export const ROLES = ["server", "client"] as const;
export type Role = (typeof ROLES)[number];

/** A server or client that conforms, as the command line is told of it. */
export interface SoakSubject extends Pick<Variant, "declines"> {
  role: Role;
  name: string;
  /** What `test <role>` is told. */
  flags: readonly string[];
}

const ORIGIN = "https://app.example";

/** All of a role that conform, and what else is to be started. */
export async function soakSubjects(role: Role, cli: string, also: readonly string[]): Promise<SoakSubject[]> {
  const flag = role === "server" ? "--start" : "--adapter";
  const others = also.map((command, index) => ({ name: `also-${index + 1}`, flags: [flag, command] }));
  const own = role === "server" ? await servers(cli) : clients(cli);
  return [...own, ...others].map((subject) => ({ role, ...subject }));
}

/** The reference client, in a process of Node's and in a page. */
function clients(cli: string): Omit<SoakSubject, "role">[] {
  return [
    { name: "reference", flags: ["--adapter", `"${process.execPath}" "${cli}" adapter`] },
    { name: "page", flags: ["--browser", join(dirname(cli), "adapter/page/index.html")] },
  ];
}

/** The reference server, the model, and every variant of it over real HTTP and WebSocket. */
async function servers(cli: string): Promise<Omit<SoakSubject, "role">[]> {
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
  ];
}
