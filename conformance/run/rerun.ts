import type { ClientSettings } from "./client-settings.ts";
import { DEFAULT_URL } from "./settings.ts";
import type { Settings } from "./settings.ts";

/**
 * The command that runs one check again, or with `schedule` the history in that file. It holds no secret: that is in
 * MIRUBATO_JWT_SECRET.
 */
export function rerunCommand(settings: Settings, checkId: string, schedule?: string): string {
  const { secret, secretFrom } = settings;
  // A secret that the operator's own commands hold is read from the environment by their shell.
  const hide = (text: string): string =>
    secret === undefined || secret.length < 6 ? text : text.replaceAll(secret, "$MIRUBATO_JWT_SECRET");
  const option = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, quoted(hide(value))];
  return [
    schedule === undefined ? "npx mirubato-sync test server" : `npx mirubato-sync replay ${quoted(schedule)}`,
    ...(settings.url === DEFAULT_URL ? [] : option("url", settings.url)),
    ...option("ws-url", settings.wsUrl),
    ...option("start", settings.start),
    ...option("control", settings.control),
    ...(secretFrom === "flag" ? ['--jwt-secret "$MIRUBATO_JWT_SECRET"'] : []),
    ...option("token-command", settings.tokenCommand),
    ...(schedule === undefined ? option("origin", settings.origin) : []),
    // A header's value may be a credential.
    ...Object.keys(settings.headers).flatMap((name) => ["--header", quoted(`${name}: …`)]),
    ...(schedule === undefined
      ? choice(settings, checkId).flatMap(([name, value]) => option(name, value))
      : []),
  ].join(" ");
}

/** The command that runs one check of a client again. */
export function rerunClientCommand(settings: ClientSettings, checkId: string): string {
  const { adapter, browser, realTime, profiles, seed } = settings;
  return [
    "npx mirubato-sync test client",
    `${browser ? "--browser" : "--adapter"} ${quoted(adapter)}`,
    ...(realTime ? ["--real-time"] : []),
    ...(profiles ? [`--profile ${quoted(profiles.join(","))}`] : []),
    `--only ${quoted(checkId)} --seed ${quoted(seed)}`,
  ].join(" ");
}

/** Which checks run, and with which random choices. */
function choice(
  { profiles, seed, histories }: Settings,
  checkId: string,
): [name: string, value: string | undefined][] {
  return [
    ["profile", profiles?.join(",")],
    ["only", checkId],
    ["seed", seed],
    ["histories", histories === undefined ? undefined : String(histories)],
  ];
}

/** As one word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:=@,{}+-]+$/.test(text) && !text.includes("{") ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
