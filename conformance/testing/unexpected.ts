import type { Variant } from "../model/variant.ts";

/** What a check said of a server that conforms. */
interface Said {
  id: string;
  verdict: string;
  message?: string | null | undefined;
}

/**
 * A false verdict, in a line; undefined where the verdict is right: passed, a warning of what the server does not follow, or not
 * applicable where something was not declared, which the suite says with the remedy.
 */
export function unexpectedOf(
  { id, verdict, message }: Said,
  { declines = [] }: Pick<Variant, "declines">,
): string | undefined {
  if (verdict === "passed") return undefined;
  if (verdict === "not-applicable" && [LACKING, FREE].some((reason) => reason.test(message ?? "")))
    return undefined;
  if (verdict === "warned" && declines.some((requirement) => id.startsWith(`${requirement}/`)))
    return undefined;
  return `${id} ${verdict}: ${message ?? "no reason"}`;
}

/** As checks put it of a client that does otherwise where it is free to. */
const FREE = /, as it may: what is checked here never happens to it$/;
/** As `missingNeed` and the runner put it. */
const LACKING = /^(the server (advertises no limit|does not claim profile|has no discovery document)|needs )/;
