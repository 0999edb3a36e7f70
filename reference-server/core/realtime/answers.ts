import type { ErrorCode } from "../../../schemas/error-codes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Verdict } from "../judge.ts";
import type { Finding } from "../problem.ts";
import { VERSIONS } from "../request.ts";
import { resultOf } from "../results.ts";

/** A server's message as text, with its time. */
function message(type: string, members: object, now: number): string {
  return JSON.stringify({ type, ...members, timestamp: formatInstant(now) });
}

export function welcome(connectionId: string, now: number): string {
  return message("WELCOME", { message: "Connected", protocol: VERSIONS[0], connectionId }, now);
}

export function pong(now: number): string {
  return message("PONG", {}, now);
}

export function errorMessage(
  code: ErrorCode,
  error: string,
  now: number,
  more: {
    clientChangeId?: string;
    errors?: readonly Finding[];
    serverTime?: string;
    supported?: readonly string[];
  } = {},
): string {
  return message("ERROR", { code, error, ...more }, now);
}

export function catchUpEnd(told: boolean, lastSeq: number, epoch: string, now: number): string {
  const text = told ? "Sync complete" : "No new data to sync";
  return message("SYNC_RESPONSE", { message: text, lastSeq, epoch }, now);
}

/**
 * The answer to a mutation that was judged (RT-013, RT-014).
 *
 * @param several whether it is of those that carry several entities
 * @param lastSeq the connection's watermark; undefined if it has none yet (RT-023)
 */
export function acknowledgement(
  verdicts: readonly Verdict[],
  several: boolean,
  clientChangeId: string | undefined,
  lastSeq: number | undefined,
  now: number,
): string {
  const named = clientChangeId === undefined ? {} : { clientChangeId };
  const ended = { message: "Mutation applied", ...(lastSeq !== undefined && { lastSeq }) };
  if (several) return message("SYNC_RESPONSE", { ...named, results: verdicts.map(resultOf), ...ended }, now);
  const [verdict] = verdicts;
  if (verdict!.outcome === "refused") {
    const { refusal, serverTime } = verdict!;
    const error = refusal.errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
    const more = { ...named, errors: refusal.errors, ...(serverTime !== undefined && { serverTime }) };
    return errorMessage(refusal.code, error, now, more);
  }
  const { outcome, meta, item } = resultOf(verdict!);
  return message(
    "SYNC_RESPONSE",
    { ...named, outcome, meta, ...(item !== undefined && { item }), ...ended },
    now,
  );
}

/** What a client called its change, if it did. */
export function clientChangeIdOf(frame: JsonObject): string | undefined {
  const id = frame["clientChangeId"];
  return typeof id === "string" ? id : undefined;
}
