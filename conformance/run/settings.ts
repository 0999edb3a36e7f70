import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { DEVELOPMENT_SECRET, isLoopback } from "../../spec/development-secret.ts";
import { commonSettings, CONFIG_FILE, readConfig, readText } from "./config.ts";
import type { CommonFlags, CommonSettings } from "./config.ts";
import { UsageError } from "./select.ts";

/** What a run is told: by flags, by the environment, by the configuration file; the first that says something wins. */
export interface Settings extends CommonSettings {
  /** May hold `{port}`, like `start` and `control`. */
  url: string;
  wsUrl?: string;
  start?: string;
  startTimeoutMs: number;
  headers: Record<string, string>;
  ca?: string[];
  /** How many servers are started, on a port each, to share the checks. */
  instances: number;
  control?: string;
  secret?: string;
  /** Where the secret is from: it decides what the rerun command says. */
  secretFrom?: "flag" | "environment" | "development";
  tokenCommand?: string;
  origin?: string;
  /** How many random histories of each kind. */
  histories?: number;
  /** How long random histories are searched. */
  durationMs?: number;
  requestTimeoutMs: number;
}

/** Options of `test server` as the command line gives them; lists already split. */
export interface Flags extends CommonFlags {
  url?: string;
  wsUrl?: string;
  start?: string;
  startTimeout?: number;
  header?: string[];
  ca?: string;
  instances?: number;
  control?: string;
  jwtSecret?: string;
  tokenCommand?: string;
  origin?: string[];
  histories?: number;
  duration?: number;
  timeout?: number;
}

/** The address of a server that a command with `{port}` starts. */
export const DEFAULT_URL = "http://127.0.0.1:{port}";

/** @throws UsageError naming the setting, what is wrong with it, and what would be right. */
export function readSettings(flags: Flags, env: NodeJS.ProcessEnv, folder: string): Settings {
  const file = readConfig(flags.config, folder);
  const start = flags.start ?? file.start;
  const control = flags.control ?? file.control;
  const url = flags.url ?? (env["MIRUBATO_URL"] || undefined) ?? file.url ?? defaultUrl(start, control);
  if (url === undefined) {
    throw new UsageError(
      `which server? Give --url <base>, MIRUBATO_URL, or "url" in ${CONFIG_FILE}, or put {port} into --start`,
    );
  }
  demandUrl(url);
  if (url.includes("{port}") && ![start, control].some((command) => command?.includes("{port}"))) {
    throw new UsageError(
      `--url: {port} in "${url}" stands for a free port, so --start or --control must take it, too`,
    );
  }
  const instances = flags.instances ?? file.instances ?? 1;
  if (instances > 1 && !url.includes("{port}")) {
    throw new UsageError(
      `--instances: ${instances} servers need a port each; put {port} into --start or --control, and into --url if you give one`,
    );
  }
  const tokenCommand =
    flags.tokenCommand ?? (env["MIRUBATO_TOKEN_COMMAND"] || undefined) ?? file.tokenCommand;
  const caFile = flags.ca ?? file.ca;
  const origin = (flags.origin ?? file.origins)?.[0];
  if (origin !== undefined) demandOrigin(origin);
  const wsUrl = flags.wsUrl ?? file.wsUrl;
  if (wsUrl !== undefined) demandWsUrl(wsUrl);
  return {
    ...commonSettings(flags, file),
    url,
    ...(wsUrl === undefined ? {} : { wsUrl }),
    ...(start === undefined ? {} : { start }),
    startTimeoutMs: (flags.startTimeout ?? 60) * 1000,
    headers: {
      ...sendable(Object.entries(file.headers ?? {})),
      ...sendable(parseHeaders(flags.header ?? [])),
    },
    ...(caFile === undefined ? {} : { ca: [readCa(resolve(folder, caFile))] }),
    instances,
    ...(control === undefined ? {} : { control }),
    ...credentials(flags.jwtSecret, tokenCommand, env, file.jwtSecretEnv, url),
    ...(origin === undefined ? {} : { origin }),
    ...(flags.histories === undefined ? {} : { histories: flags.histories }),
    ...(flags.duration === undefined ? {} : { durationMs: flags.duration * 1000 }),
    requestTimeoutMs: (flags.timeout ?? 10) * 1000,
  };
}

function defaultUrl(start: string | undefined, control: string | undefined): string | undefined {
  return start?.includes("{port}") || control?.includes("{port}") ? DEFAULT_URL : undefined;
}

function credentials(
  flag: string | undefined,
  tokenCommand: string | undefined,
  env: NodeJS.ProcessEnv,
  variable: string | undefined,
  url: string,
): Pick<Settings, "secret" | "secretFrom" | "tokenCommand"> {
  const named = variable ?? "MIRUBATO_JWT_SECRET";
  const fromEnvironment = env[named];
  if (flag !== undefined) return { secret: flag, secretFrom: "flag" };
  if (tokenCommand !== undefined) return { tokenCommand };
  if (fromEnvironment !== undefined && fromEnvironment !== "") {
    return { secret: fromEnvironment, secretFrom: "environment" };
  }
  if (variable !== undefined) {
    throw new UsageError(`the environment variable ${variable} (jwtSecretEnv in ${CONFIG_FILE}) is not set`);
  }
  if (isLoopback(url)) return { secret: DEVELOPMENT_SECRET, secretFrom: "development" };
  throw new UsageError(
    "no credentials: set MIRUBATO_JWT_SECRET (or --jwt-secret) to the server's HS256 secret, or give a --token-command that prints tokens",
  );
}

function demandUrl(url: string): void {
  const filled = url.replaceAll("{port}", "1");
  if (!URL.canParse(filled) || !/^https?:$/.test(new URL(filled).protocol)) {
    throw new UsageError(
      `--url: "${url}" is not an http(s) address, such as https://sync.example or http://localhost:8787`,
    );
  }
  const { username, password } = new URL(filled);
  if (username !== "" || password !== "") {
    throw new UsageError(
      "--url: leave the user name and password out, for the address stands in every report",
    );
  }
  if (/[?#]/.test(url)) {
    throw new UsageError(
      "--url: leave out what begins with ? or #: paths are put behind the base address, and it stands in every report",
    );
  }
}

function demandWsUrl(url: string): void {
  const filled = url.replaceAll("{port}", "1");
  if (!URL.canParse(filled) || !/^wss?:$/.test(new URL(filled).protocol) || /[?#]/.test(url)) {
    // What follows may be a token.
    throw new UsageError(
      `--ws-url: "${url.replace(/[?#].*/s, "…")}" is not a ws(s) address without a query, such as wss://sync.example/sync/ws`,
    );
  }
}

function demandOrigin(origin: string): void {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
    throw new UsageError(
      `--origin: "${origin}" is not an origin: scheme and host without a path, such as https://app.example`,
    );
  }
}

/** What has no name may be a secret: it is not shown. */
function parseHeaders(headers: readonly string[]): [name: string, value: string][] {
  return headers.map((header, index) => {
    const colon = header.indexOf(":");
    if (colon < 1)
      throw new UsageError(
        `--header: number ${index + 1} has no colon; it must be of the form "name: value"`,
      );
    return [header.slice(0, colon), header.slice(colon + 1).trim()];
  });
}

/** By names in lower case. The values may be secrets: they are not shown. */
function sendable(headers: readonly (readonly [name: string, value: string])[]): Record<string, string> {
  for (const [name, value] of headers) {
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
      throw new UsageError(
        `--header: "${name}" is no header's name: letters, digits and hyphens, such as x-api-key`,
      );
    }
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) {
      throw new UsageError(
        `--header: the value of ${name} has a line break or another character that cannot be sent`,
      );
    }
  }
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}

function readCa(path: string): string {
  const pem = readText(path, "--ca");
  try {
    void new X509Certificate(pem);
    return pem;
  } catch {
    throw new UsageError(`--ca: ${path} is no certificate; it must be PEM, with -----BEGIN CERTIFICATE-----`);
  }
}
