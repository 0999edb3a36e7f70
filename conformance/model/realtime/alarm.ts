import type { Connection } from "./connection.ts";

/** The longest time that `setTimeout` takes. */
const LONGEST_MS = 2 ** 31 - 1;

/** Closes a connection whose time is over, and otherwise sets its timer anew. */
export function ring(connection: Connection): void {
  const { context } = connection;
  const { behaviour, server } = context;
  connection.alarm?.();
  if (!connection.open) return;
  const due = behaviour.dueClose(context, connection);
  if (due) return behaviour.closeSocket(context, connection, due.code, due.reason);
  const at = Math.min(behaviour.idleAt(context, connection), behaviour.expiresAt(context, connection));
  const wait = Math.min(LONGEST_MS, Math.max(1, at - server.now()));
  connection.alarm = server.setTimer(wait, () => ring(connection));
}
