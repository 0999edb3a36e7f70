import { DEFAULT_URL } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** The command that runs one check again. It holds no secret: that is in MIRUBATO_JWT_SECRET. */
export function rerunCommand(settings: Settings, checkId: string): string {
  const { secret, secretFrom } = settings;
  // A secret that the operator's own commands hold is read from the environment by their shell.
  const hide = (text: string): string =>
    secret === undefined || secret.length < 6 ? text : text.replaceAll(secret, "$MIRUBATO_JWT_SECRET");
  const option = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, quoted(hide(value))];
  return [
    "npx mirubato-sync test server",
    ...(settings.url === DEFAULT_URL ? [] : option("url", settings.url)),
    ...option("ws-url", settings.wsUrl),
    ...option("start", settings.start),
    ...option("control", settings.control),
    ...(secretFrom === "flag" ? ['--jwt-secret "$MIRUBATO_JWT_SECRET"'] : []),
    ...option("token-command", settings.tokenCommand),
    ...option("origin", settings.origin),
    // A header's value may be a credential.
    ...Object.keys(settings.headers).flatMap((name) => ["--header", quoted(`${name}: …`)]),
    ...(settings.profiles ? option("profile", settings.profiles.join(",")) : []),
    ...option("only", checkId),
    ...option("seed", settings.seed),
  ].join(" ");
}

/** As one word of a POSIX shell. */
function quoted(text: string): string {
  return /^[\w./:=@,{}+-]+$/.test(text) && !text.includes("{") ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
