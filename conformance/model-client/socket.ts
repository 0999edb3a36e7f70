import { isJsonObject } from "../../schemas/json.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Settled } from "./behaviour/settling.ts";
import { advance } from "./behaviour/realtime.ts";
import { blocked, call } from "./call.ts";
import type { Context, Session } from "./context.ts";
import type { Outcome } from "./lane.ts";
import { afterRefusals } from "./push.ts";
import type { Change } from "./store.ts";

/** One connection, from the handshake to its end. */
export async function socketRound(context: Context): Promise<Outcome> {
  const { behaviour, life, metrics } = context;
  const why = blocked(context);
  if (why) return why;
  if (!behaviour.wantsSocket(context)) return { kind: "blocked", why: "unwanted" };
  if (behaviour.asksStatusFirst(context)) {
    const called = await call(context, "status");
    if ("outcome" in called) return called.outcome;
    if (!behaviour.wantsSocket(context)) return { kind: "blocked", why: "unwanted" };
  }
  const token = context.token!;
  const socket = await handshake(context);
  if (socket === undefined) {
    context.handshakeFailed = true;
    return blocked(context) ?? { kind: "failed", why: "the handshake did not open" };
  }
  context.handshakeFailed = false;
  metrics.connectionsOpened += 1;
  const session: Session = {
    socket,
    token,
    connectionId: null,
    phase: "open",
    carried: new Map(),
    stopHeartbeat: () => {},
  };
  context.session = session;
  if (!context.online || !behaviour.wantsSocket(context)) socket.close(1000);
  const closed = new Promise<number>((resolve) => (socket.onClose = resolve));
  beat(context, session);
  socket.onFrame = (data) => life.awake(() => hear(context, session, data));
  return afterClose(context, session, await life.wait(closed));
}

async function handshake(context: Context) {
  const { behaviour, life, dial } = context;
  try {
    const opened = await life.within(behaviour.requestTimeoutMs(context), async (signal) => {
      const answer = await dial(behaviour.socketRequest(context), signal);
      // A socket that opens after the end belongs to nobody.
      if (signal.aborted && "send" in answer) answer.terminate();
      return answer;
    });
    return "send" in opened ? opened : undefined;
  } catch {
    return undefined;
  }
}

function afterClose(context: Context, session: Session, code: number): Outcome {
  const { behaviour, lanes, metrics } = context;
  session.stopHeartbeat();
  if (context.session === session) context.session = null;
  metrics.connectionsLost += 1;
  if (session.carried.size > 0) lanes.push.due(0);
  const next = behaviour.afterClose(context, code);
  if (next === "new-token") behaviour.onRefusedToken(context, session.token);
  if (next === "stop") context.socketStopped = `the server closed with ${code}`;
  const why = blocked(context);
  if (why) return why;
  if (!behaviour.wantsSocket(context)) return { kind: "blocked", why: "unwanted" };
  const waitMs = next === "at-once" || next === "new-token" ? 0 : next === "later" ? 30_000 : undefined;
  return { kind: "failed", why: `closed with ${code}`, ...(waitMs === undefined ? {} : { waitMs }) };
}

/** The heartbeat: begins anew with every frame that comes (CLI-040). */
function beat(context: Context, session: Session): void {
  const { behaviour, life } = context;
  session.stopHeartbeat();
  session.stopHeartbeat = life.after(behaviour.silenceMs(context), () => {
    send(context, session, behaviour.pingFrame(context));
    session.stopHeartbeat = life.after(behaviour.pongMs(context), () => session.socket.terminate());
  });
}

function send(context: Context, session: Session, text: string): void {
  context.metrics.messagesSent += 1;
  session.socket.send(text);
}

function hear(context: Context, session: Session, data: string | Uint8Array): void {
  const { behaviour, lanes, metrics, store } = context;
  if (context.session !== session) return;
  metrics.messagesReceived += 1;
  beat(context, session);
  const message = parsed(data);
  if (message === undefined) return;
  if (behaviour.isUseful(context, String(message["type"]))) lanes.socket.useful();
  switch (behaviour.kindOf(context, message)) {
    case "welcome":
      if (typeof message["connectionId"] === "string") session.connectionId = message["connectionId"];
      session.connectionId ??= "";
      if (session.phase === "open") askForCatchUp(context, session);
      return;
    case "error":
      return onError(context, session, message);
    case "acknowledgement":
      return onAcknowledgement(context, session, message);
    case "chunk":
      return void behaviour.onChunk(context, session, message);
    case "event":
      return void behaviour.onEvent(context, session, message);
    case "catch-up-end": {
      const epoch = message["epoch"];
      if (typeof epoch === "string" && epoch !== store.state.epoch) return startOver(context, session);
      return behaviour.onCatchUpEnd(context, session, message);
    }
    case "unknown":
      return behaviour.onUnknown(context, session, message);
    case "pong":
  }
}

function parsed(data: string | Uint8Array): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(String(data));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Asks from the stored cursor; where there is none yet, the full pull that runs asks again at its end. */
export function askForCatchUp(context: Context, session: Session): void {
  const { behaviour, lanes } = context;
  const request = behaviour.syncRequest(context);
  if (request === undefined) return void lanes.pull.run();
  session.phase = "asked";
  send(context, session, behaviour.frame(context, request));
}

/** The cursor is not one of this server's data: a full pull, then catch-up from there (CLI-014). */
function startOver(context: Context, session: Session): void {
  const { behaviour, lanes, store } = context;
  session.phase = "open";
  store.transaction(() => behaviour.forgetCursor(context));
  void lanes.pull.runAnew();
}

function onError(context: Context, session: Session, message: JsonObject): void {
  const { behaviour } = context;
  const code = String(message["code"]);
  if (typeof message["clientChangeId"] === "string")
    return onAcknowledgement(context, session, { ...message, outcome: "refused" });
  if (code === "UNSUPPORTED_VERSION") context.socketStopped = code;
  else if (code === "TOKEN_INVALID" || code === "TOKEN_EXPIRED")
    behaviour.onRefusedToken(context, session.token);
  else if (session.phase === "asked" && code === "CURSOR_EXPIRED") startOver(context, session);
  else if (session.phase === "asked" && (code === "INTERNAL" || code === "UNAVAILABLE"))
    session.socket.close(1000);
}

/** Sends a write over the socket; it is frozen and kept first, and HTTP takes over where no answer comes (CLI-027). */
export function carry(context: Context, session: Session, change: Change): void {
  const { behaviour, life, lanes, store } = context;
  if (!store.changes.has(String(change.n))) return;
  store.transaction(() => store.changes.set(String(change.n), { ...change, sent: true }));
  const clientChangeId = `change-${change.n}-${context.unique()}`;
  const carried = { n: change.n, overdue: false };
  session.carried.set(clientChangeId, carried);
  send(context, session, behaviour.frame(context, behaviour.mutation(context, change, clientChangeId)));
  life.after(behaviour.ackWithinMs(context), () => {
    if (carried.overdue || !session.carried.has(clientChangeId)) return;
    carried.overdue = true;
    lanes.push.due(0);
  });
}

function onAcknowledgement(context: Context, session: Session, message: JsonObject): void {
  const { behaviour, store, lanes } = context;
  const id = String(message["clientChangeId"]);
  const change = store.changes.get(String(session.carried.get(id)?.n));
  session.carried.delete(id);
  const results = message["results"];
  const result = Array.isArray(results) ? results[0] : { ...message };
  const tally: Settled = { settled: 0, refused: [], conflicts: [] };
  store.transaction(() => {
    if (change && isJsonObject(result)) {
      // A refusal that concerns the message, not the item, leaves the change to HTTP.
      if (result["outcome"] !== "refused" || !isOfMessage(String(result["code"])))
        behaviour.settleOne(context, change, result, tally);
    }
    advance(context, behaviour.cursorOfAcknowledgement(context, message));
  });
  void afterRefusals(context, tally).then(() => lanes.push.due(0));
}

function isOfMessage(code: string): boolean {
  return [
    "INVALID_JSON",
    "INVALID_REQUEST",
    "UNKNOWN_MESSAGE",
    "INTERNAL",
    "UNAVAILABLE",
    "TOO_MANY_ITEMS",
    "TOKEN_EXPIRED",
  ].includes(code);
}
