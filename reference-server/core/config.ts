import { LIMITS, REFERENCE_LIMITS, type LimitName, type Limits } from "../../schemas/limits.ts";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";

/** A setting that the operator has to mend; the message names it, the reason and the remedy. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/** D1 holds values of at most 2 MB, and an item's text can double when it is quoted in a parameter. */
const GREATEST_ITEM = 524_288;
const LEAST_SECRET_BYTES = 32;

/**
 * Limits from JSON text, merged over the reference's defaults; `requestBurst: null` switches the rate limit off. In production no
 * limit may be below what the protocol promises to clients. Throws {@link ConfigError}.
 */
export function readLimits(text: string | undefined, production: boolean): Limits {
  const given = text === undefined || text.trim() === "" ? {} : parseObject(text);
  for (const name of Object.keys(given)) {
    if (!LIMITS.some((limit) => limit.name === name)) {
      throw new ConfigError(
        `LIMITS: there is no limit "${name}"; known: ${LIMITS.map((limit) => limit.name).join(", ")}.`,
      );
    }
  }
  const limits: Record<string, number> = { ...REFERENCE_LIMITS };
  for (const limit of LIMITS) {
    if (!Object.hasOwn(given, limit.name)) continue;
    const value = given[limit.name];
    if (value === null && !limit.required) delete limits[limit.name];
    else limits[limit.name] = checked(limit, value, production);
  }
  // A deployed peer is never held to less than the others; raising only the ordinary limit raises both.
  followOrdinary(limits, given, "legacyMaxBodyBytes", "maxBodyBytes");
  followOrdinary(limits, given, "legacyMaxItems", "maxItems");
  switchOffTogether(limits, "requestBurst", "requestsPerSecond");
  switchOffTogether(limits, "messageBurst", "messagesPerSecond");
  return limits as Limits;
}

/** A burst without a rate, or a rate without a burst, is no limit. */
function switchOffTogether(limits: Record<string, number>, burst: LimitName, rate: LimitName): void {
  if (limits[burst] !== undefined && limits[rate] !== undefined) return;
  delete limits[burst];
  delete limits[rate];
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError('LIMITS is not JSON; it must be an object such as {"maxItems": 500}.');
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError('LIMITS must be a JSON object such as {"maxItems": 500}.');
  }
  return value as Record<string, unknown>;
}

function checked(limit: (typeof LIMITS)[number], value: unknown, production: boolean): number {
  const fail = (reason: string) =>
    new ConfigError(`LIMITS: ${limit.name} ${reason}; got ${JSON.stringify(value)}.`);
  const least = limit.unit === "ms" ? 0 : 1;
  const fraction = limit.unit === "requests/s" || limit.unit === "messages/s";
  if (typeof value !== "number" || !(fraction ? value > 0 : Number.isSafeInteger(value) && value >= least)) {
    throw fail(
      fraction ? "must be a number above 0" : `must be a whole number of ${limit.unit}, at least ${least}`,
    );
  }
  if (limit.name === "maxItemBytes" && value > GREATEST_ITEM)
    throw fail(`can be at most ${GREATEST_ITEM} on D1`);
  if ("maximum" in limit && value > limit.maximum) throw fail(`can be at most ${limit.maximum}`);
  const minimum = "minimum" in limit ? limit.minimum : undefined;
  if (production && minimum !== undefined && value < minimum)
    throw fail(`must be at least ${minimum} in production`);
  return value;
}

function followOrdinary(
  limits: Record<string, number>,
  given: object,
  legacy: LimitName,
  ordinary: LimitName,
): void {
  if (limits[legacy]! >= limits[ordinary]!) return;
  if (Object.hasOwn(given, legacy)) throw new ConfigError(`LIMITS: ${legacy} must be at least ${ordinary}.`);
  limits[legacy] = limits[ordinary]!;
}

/** Exact origins from a list separated by commas or spaces. Throws {@link ConfigError}. */
export function readOrigins(text: string | undefined): ReadonlySet<string> {
  const origins = (text ?? "").split(/[\s,]+/).filter((origin) => origin !== "");
  for (const origin of origins) {
    if (origin.includes("*") || !URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigError(
        `ALLOWED_ORIGINS: "${origin}" is not an origin; write scheme and host, such as https://mirubato.com, without a path or wildcard.`,
      );
    }
  }
  return new Set(origins);
}

/** The secret's bytes. Throws {@link ConfigError} if it is missing or can be guessed; `reachable`: from other machines. */
export function readSecret(secret: string | undefined, reachable: boolean): Uint8Array {
  const bytes = new TextEncoder().encode(secret ?? "");
  if (bytes.length === 0)
    throw new ConfigError("JWT_SECRET is not set; set it with `wrangler secret put JWT_SECRET`.");
  if (bytes.length < LEAST_SECRET_BYTES) {
    throw new ConfigError(`JWT_SECRET has ${bytes.length} bytes; it needs at least ${LEAST_SECRET_BYTES}.`);
  }
  if (reachable && secret === DEVELOPMENT_SECRET)
    throw new ConfigError("JWT_SECRET is the public development secret, which everybody can sign with.");
  return bytes;
}
