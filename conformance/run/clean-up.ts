import { memberOf } from "../../schemas/collections.ts";
import { effectiveLimits } from "../../schemas/limits.ts";
import { Device } from "../wire/device.ts";
import { exchange } from "../wire/exchange.ts";
import { createRedactor } from "../wire/redaction.ts";
import type { Changes } from "../wire/shapes.ts";
import type { Subject } from "../subject/subject.ts";
import { createTokens } from "../wire/tokens.ts";
import { Transcript } from "../wire/transcript.ts";
import { HarnessError } from "../verdict.ts";

const TIME_LIMIT_MS = 5_000;

/** Deletes what these users still have on the server. Best effort: returns who was left behind, and why. */
export async function cleanUp(subject: Subject, users: ReadonlySet<string>): Promise<string[]> {
  const leftBehind: string[] = [];
  for (const user of users) {
    try {
      await deleteAll(subject, user);
    } catch (error) {
      leftBehind.push(
        subject.redactor.text(`${user}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  }
  return leftBehind;
}

async function deleteAll(subject: Subject, user: string): Promise<void> {
  const redactor = createRedactor(subject.redactor);
  const now = (): number => Date.now() + subject.clockOffsetMs;
  const tokens = createTokens(subject.tokens!, user, now, (token) => redactor.conceal(token));
  const options = {
    transport: subject.transport,
    transcript: new Transcript(redactor),
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
    timeoutMs: subject.requestTimeoutMs,
  };
  let count = 0;
  const device = new Device(
    { user, token: await tokens.valid(), id: "clean-up", protocol: "1" },
    ({ method, path, headers, json }) => {
      const body = new TextEncoder().encode(JSON.stringify(json));
      const sent = { "content-type": "application/json", ...(headers as Record<string, string>) };
      return exchange({ method, path, headers: sent, body }, options, true);
    },
    () => `clean-up-${(count += 1)}-${now()}`,
    () => Promise.reject(new HarnessError("clean-up opens no socket")),
  );
  const live = (await device.pullAll()).final.filter((row) => row.item !== null);
  const { maxItems } = effectiveLimits(subject.discovery.limits);
  for (let from = 0; from < live.length; from += maxItems) {
    const changes: Changes = {};
    for (const { entityType, entityId, meta } of live.slice(from, from + maxItems)) {
      const stamp = Math.max(now(), Date.parse(meta.updatedAt) + 1);
      const deletion = { id: entityId, deletedAt: new Date(stamp).toISOString() };
      (changes[memberOf(entityType)] ??= []).push(deletion);
    }
    await device.push(changes);
  }
}
