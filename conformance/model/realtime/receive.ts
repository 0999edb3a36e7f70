import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { judgeItems } from "../plan.ts";
import { runCatchUp } from "./catch-up.ts";
import type { Connection, Incoming } from "./connection.ts";

/** Takes a frame of the client. PING is answered at once, out of turn; the others one after another. */
export function receive(connection: Connection, incoming: Incoming): void {
  const { context } = connection;
  const { behaviour } = context;
  if (!connection.open) return;
  behaviour.noteHeard(context, connection, incoming);
  if (behaviour.isPing(context, incoming)) return behaviour.pong(context, connection);
  connection.backlog += 1;
  if (behaviour.isFlooded(context, connection)) {
    return behaviour.closeSocket(context, connection, 4429, "too many messages");
  }
  connection.judged = judgeAfter(connection.judged, connection, incoming);
}

async function judgeAfter(others: Promise<void>, connection: Connection, incoming: Incoming): Promise<void> {
  await others;
  await judgeFrame(connection, incoming);
  connection.backlog -= 1;
}

/** One frame from receipt to answer. Never rejects. */
async function judgeFrame(connection: Connection, incoming: Incoming): Promise<void> {
  const { behaviour } = connection.context;
  if (connection.open) await behaviour.slowDown(connection.context, connection);
  if (!connection.open) return;
  const context = messageContext(connection);
  try {
    behaviour.checkFraming(context, incoming);
    const message = behaviour.readMessage(context, incoming);
    context.message = message;
    behaviour.negotiateSocket(context, connection, message);
    context.announced = connection.announced ?? false;
    behaviour.checkMessage(context, message);
    behaviour.noteSender(context, connection, message);
    if (await behaviour.interceptMessage(context, connection, message)) return;
    await serve(context, connection, message);
  } catch (error) {
    behaviour.answerError(context, connection, error);
  }
}

function messageContext(connection: Connection): Context {
  const { context } = connection;
  return {
    ...context,
    now: context.server.now(),
    arriving: false,
    claims: connection.claims,
    announced: connection.announced ?? false,
    connection,
    message: undefined,
  };
}

async function serve(context: Context, connection: Connection, message: JsonObject): Promise<void> {
  const { behaviour } = context;
  switch (message["type"]) {
    case "PING":
      return behaviour.pong(context, connection);
    case "AUTH":
      return behaviour.reauthenticate(context, connection, message);
    case "SYNC_REQUEST":
      return startCatchUp(context, connection, message);
    default:
      return behaviour.lock(context, () => mutate(context, connection, message));
  }
}

/** The catch-up runs beside what the client sends meanwhile. */
function startCatchUp(context: Context, connection: Connection, message: JsonObject): void {
  const { behaviour } = context;
  behaviour.checkCatchUp(context, connection);
  const baseline = behaviour.baselineOf(context, connection, message);
  behaviour.beginCatchUp(context, connection, baseline);
  runCatchUp(context, connection, baseline).catch((error: unknown) => {
    connection.catchingUp = false;
    behaviour.answerError(context, connection, error);
  });
}

/** A mutation is judged as a push of what it carries (RT-004). */
async function mutate(context: Context, connection: Connection, message: JsonObject): Promise<void> {
  const { behaviour } = context;
  const submissions = behaviour.mutationItems(context, message);
  behaviour.checkItemCount(context, submissions.length);
  const { judgements, rows } = await judgeItems(context, submissions);
  const selected = behaviour.selectRows(context, judgements, rows);
  await behaviour.settle(context, connection, judgements, selected);
}
