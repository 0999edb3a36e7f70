import type { SyncClient } from "../client.ts";
import { mountPanel } from "./panel.ts";
import type { Probe } from "./probe.ts";
import { sourceOf } from "./source.ts";

export { createProbe, type Probe, type SeenMessage } from "./probe.ts";
export { snapshotOf, type Snapshot } from "./snapshot.ts";
export { mountPanel } from "./panel.ts";
export { sourceOf, type Source } from "./source.ts";

/**
 * Shows in an element of a page how a client stands: outbox, dead letters, cursor, stamps, connection, messages. For development: what the
 * user wrote is shown; tokens are not.
 *
 * @param probe whose ports the client was opened with; without one there are no messages, no cursor and no stamps
 * @returns what takes the panel away; the client stays open
 */
export function mountInspector(client: SyncClient, element: HTMLElement, probe?: Probe): () => void {
  return mountPanel(element, sourceOf(client, probe));
}
