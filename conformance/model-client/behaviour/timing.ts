import type { Context } from "../context.ts";
import type { Change } from "../store.ts";

/** When the client acts by itself. */
export interface TimingSteps {
  /** Within how many ms a new write is sent: 100 for a logbook entry, 30,000 for others at most (CLI-026). */
  flushWithinMs(context: Context, change: Change): number;
  /** How often a client without a live socket pulls, in ms (CLI-039). */
  pollMs(context: Context): number;
  /** Whether a pull follows this, without a live socket (CLI-039). */
  pullsAfter(context: Context, event: "start" | "flush" | "online"): boolean;
  /** How long a mutation on a socket may be unacknowledged, in ms (CLI-027). */
  ackWithinMs(context: Context): number;
  /** How long an item that was refused this often in a row waits, in ms. */
  holdMs(context: Context, refusals: number): number;
  /** Whether anything is sent or pulled without being asked for (CLI-046). */
  syncsByItself(context: Context): boolean;
}

export const timing: TimingSteps = {
  flushWithinMs: (_context, { type }) => (type === "logbook_entry" ? 0 : 10_000),
  pollMs: () => 30_000,
  pullsAfter: () => true,
  ackWithinMs: () => 5_000,
  holdMs: (context, refusals) => (refusals <= 1 ? 0 : context.behaviour.backoffMs(context, refusals - 2)),
  syncsByItself: ({ store }) => store.state.settings.autoSync !== "never",
};
