import type { Need } from "../check.ts";
import type { Subject } from "../subject/subject.ts";

/** The first need that the operator did not declare, in words with its remedy; undefined when all are there. */
export function missingNeed(needs: readonly Need[], subject: Subject): string | undefined {
  for (const need of needs) {
    const lacking = lacks(need, subject);
    if (lacking !== undefined) return lacking;
  }
  return undefined;
}

function lacks(need: Need, { tokens, origin, control, discovery }: Subject): string | undefined {
  const [kind, detail = ""] = need.split(/:(.*)/s) as [string, string?];
  switch (kind) {
    case "forge-token":
      return tokens ? undefined : "needs tokens of any content: give --jwt-secret or --token-command";
    case "origin":
      return origin === undefined
        ? "needs an origin of the server's CORS allow-list: give --origin"
        : undefined;
    case "control":
      return control?.verbs.includes(detail as never)
        ? undefined
        : `needs to ${detail} the server: give a --control command that offers "${detail}"`;
    case "profile":
      return discovery.profiles.includes(detail) ? undefined : `the server does not claim profile ${detail}`;
    default:
      return lacksLimit(detail, discovery.limits);
  }
}

function lacksLimit(detail: string, limits: Record<string, number>): string | undefined {
  const [name = "", most] = detail.split("<=");
  const value = limits[name];
  if (value === undefined) return `the server advertises no limit ${name} in discovery`;
  if (most === undefined || value <= Number(most)) return undefined;
  return `needs a test deployment that advertises ${name} of at most ${most}; here it is ${value}`;
}
