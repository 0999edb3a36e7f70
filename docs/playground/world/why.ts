import type { Behaviour } from "../../../conformance/model/behaviour.ts";
import type { Context } from "../../../conformance/model/context.ts";
import { rowKey, type Row } from "../../../conformance/model/state.ts";
import { instant, span } from "../../../reference-client/inspector/words.ts";
import type { Stamp } from "../../../spec/rules/stamp.ts";
import type { DeviceName, Trace } from "./trace.ts";

export interface Witness {
  trace: Trace;
  /** Which device a request is from. */
  deviceOf(context: Context): DeviceName | undefined;
}

/** A server that judges as it should, and says in words why. */
export function telling(conforming: Behaviour, { trace, deviceOf }: Witness): Behaviour {
  const writers = new Map<string, string>();
  const nameOf = (context: Context): string => `the ${deviceOf(context) ?? "other device"}`;
  const tell = (text: string, ...requirements: string[]): void =>
    trace.note("server", "verdict", text, requirements);
  return {
    ...conforming,
    applyRow(context, row) {
      const key = rowKey(row.entityType, row.entityId);
      const before = context.user.rows.get(key);
      const writer = nameOf(context);
      const what = titleOf(row) ?? (before && titleOf(before)) ?? row.entityId;
      const earlier = writers.get(key);
      const now = context.server.now();
      if (!before)
        tell(
          `Takes “${what}” of ${writer}: nothing was stored under its id. Version 1, seq ${row.seq}.`,
          "ORD-020",
        );
      else {
        const { text, requirement } = reason(row.stamp, before.stamp, now);
        const whose = earlier === undefined || earlier === writer ? "what was stored" : `that of ${earlier}`;
        tell(
          `${capital(writer)}’s write of “${what}” wins over ${whose}: ${text}. Version ${row.version}, seq ${row.seq}.`,
          "ORD-001",
          requirement,
        );
      }
      writers.set(key, writer);
      conforming.applyRow(context, row);
    },
    pushAnswer(context, judgements, head) {
      for (const { outcome, candidate, row, code, reason: why } of judgements) {
        const writer = nameOf(context);
        if (outcome === "refused")
          tell(
            `Refuses the write of ${writer}, ${code}: ${why}.`,
            code === "CLOCK_SKEW" ? "ORD-014" : "PUSH-002",
          );
        if (!candidate || !row) continue;
        const what = titleOf(row) ?? (candidate.deleted ? row.entityId : titleOf(candidate)) ?? row.entityId;
        const winner = writers.get(rowKey(row.entityType, row.entityId)) ?? "another device";
        if (outcome === "superseded") {
          const { text, requirement } = reason(row.stamp, candidate.stamp, context.now);
          const stands = winner === writer ? "a later one of its own" : `that of ${winner}`;
          tell(
            `${capital(writer)}’s write of “${what}” loses against ${stands}: ${text}. The answer tells ${writer} what won.`,
            "ORD-001",
            requirement,
          );
        }
        if (outcome === "duplicate")
          tell(`Has “${what}” of ${writer} already, with this very stamp: nothing changes.`, "ORD-006");
      }
      return conforming.pushAnswer(context, judgements, head);
    },
    replay(context, record) {
      tell(`Knows the key of this push: repeats its first answer, and applies nothing again.`, "IDEM-002");
      return conforming.replay(context, record);
    },
  };
}

/** Why the greater of two stamps is greater. */
export function reason(greater: Stamp, less: Stamp, now: number): { text: string; requirement: string } {
  if (greater.updatedAt !== less.updatedAt)
    return {
      text: `its stamp ${instant(greater.updatedAt, now)} is ${span(greater.updatedAt - less.updatedAt)} later than ${instant(less.updatedAt, now)}`,
      requirement: "ORD-002",
    };
  if (greater.deleted !== less.deleted)
    return { text: "both have the same time, and a deletion ranks above an edit", requirement: "ORD-004" };
  return {
    text: `both have the same time, and its checksum ${greater.checksum.slice(0, 6)}… is greater than ${less.checksum.slice(0, 6)}…`,
    requirement: "ORD-005",
  };
}

function titleOf({ item }: Pick<Row, "item">): string | undefined {
  const { title, notes } = (item ?? {}) as { title?: string; notes?: string };
  return title ?? notes;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
