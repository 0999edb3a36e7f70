import type { Baseline } from "../behaviour/catch-up.ts";
import type { Context } from "../context.ts";
import type { Connection } from "./connection.ts";

/** Walks the log to its head, chunk by chunk; others write meanwhile. */
export async function runCatchUp(
  context: Context,
  connection: Connection,
  baseline: Baseline,
): Promise<void> {
  const { behaviour } = context;
  let position = baseline.after;
  let told = 0;
  for (;;) {
    await behaviour.beforeChunk(context, connection);
    if (!connection.open) return;
    // From here to the next chunk nothing is awaited: what the last look at the log does not show is told as an event.
    const chunk = behaviour.takeChunk(context, baseline, position);
    if (chunk.rows.length === 0) break;
    for (const frame of behaviour.chunkFrames(context, connection, chunk)) {
      behaviour.send(context, connection, frame);
    }
    position = chunk.through;
    told += chunk.rows.length;
    behaviour.advance(context, connection, position);
  }
  behaviour.endCatchUp(context, connection, told);
}
