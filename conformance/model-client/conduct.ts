import { leaderOf } from "./context.ts";
import type { Context } from "./context.ts";
import { carry, socketRound } from "./socket.ts";
import type { Change } from "./store.ts";

/** Begins to sync, and goes on until the end. */
export function lead(context: Context): void {
  const { behaviour, life, lanes, refused, sendings, store } = context;
  if (context.token !== null && refused.has(context.token)) context.token = null;
  for (const key of store.requests.keys()) sendings.set(key, 1);
  if (behaviour.syncsByItself(context)) resume(context, "start");
  const poll = (): void => {
    if (context.session?.phase !== "live" && behaviour.syncsByItself(context)) lanes.pull.due(0);
    life.after(behaviour.pollMs(context), poll);
  };
  life.after(behaviour.pollMs(context), poll);
}

/** Takes up everything that may have waited. */
export function resume(context: Context, event: "start" | "online"): void {
  const { behaviour, lanes } = context;
  if (behaviour.pullsAfter(context, event)) lanes.pull.wake();
  if (behaviour.outbox(context).length > 0) lanes.push.wake();
  connect(context);
}

/** One connection, however often it is asked for (CLI-047). */
export function connect(context: Context): void {
  const { behaviour, lanes } = context;
  if (!behaviour.wantsSocket(context) || !behaviour.mayDial(context)) return;
  void (lanes.socket.running ? socketRound(context) : lanes.socket.run());
}

/** A token to go on with, on a socket that is open too. */
export function takeToken(context: Context, token: string): void {
  const { behaviour, session } = context;
  if (!behaviour.isNewToken(context, token)) return;
  context.token = token;
  context.signedOut = false;
  context.stopped = null;
  if (session) {
    session.token = token;
    session.socket.send(behaviour.frame(context, { type: "AUTH", token }));
  }
  if (behaviour.leads(context) && behaviour.syncsByItself(context)) resume(context, "online");
}

/** A new write is on its way in time: over the socket, or by a flush (CLI-026). */
export function poke(context: Context, change: Change): void {
  const leader = leaderOf(context);
  const { behaviour, lanes, session } = leader;
  if (!behaviour.syncsByItself(leader)) return;
  if (session && behaviour.carriesBySocket(leader, change) && behaviour.mayGo(leader, change))
    carry(leader, session, change);
  else lanes.push.due(behaviour.flushWithinMs(leader, change));
}
