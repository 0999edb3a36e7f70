import type { JsonObject } from "../../schemas/json.ts";
import type { Change, DeadLetter, Entity, Pending, SyncClient } from "../../reference-client/index.ts";
import { idOf, shortId } from "./ids.ts";
import { type Kind, kindOf, KINDS } from "./kinds.ts";
import { type Colours, oneLine, type Screen, shortened, table } from "./screen.ts";

/** Where the client is, in a word. */
export function stateOf(client: SyncClient): string {
  if (client.halted !== undefined) return "stopped";
  if (client.settings.autoSync === "never") return "offline";
  return client.status;
}

/** The line of state: `● connected`, `○ reconnecting in 3 s, 2 pending`. */
export function stateLine(client: SyncClient, colours: Colours): string {
  const state = stateOf(client);
  const connected = state === "connected";
  const dot = connected ? colours.green("●") : colours.yellow("○");
  const dead = client.deadLetters().length;
  const waits = client.nextAttemptAt === null ? 0 : Math.ceil((client.nextAttemptAt - Date.now()) / 1000);
  const soon = waits > 0 ? ` in ${waits} s` : "";
  const pending = `${client.pendingCount} pending${connected && soon ? `, sent again${soon}` : ""}`;
  const parts = [
    connected ? state : `${state}${soon}`,
    ...(client.pendingCount > 0 ? [pending] : []),
    ...(dead > 0 ? [colours.red(`${dead} refused`)] : []),
  ];
  return `${dot} ${parts.join(", ")}`;
}

/** The entities of these kinds, by type, newest first. */
export function showLists(client: SyncClient, kinds: readonly Kind[], screen: Screen): void {
  const { colours, json } = screen;
  const pending = new Set(client.pending().map(({ type, id }) => `${type}/${id}`));
  const dead = new Set(client.deadLetters().map(({ type, id }) => `${type}/${id}`));
  let shown = 0;
  for (const kind of kinds) {
    const items = client.list(kind.type);
    shown += items.length;
    if (json) for (const item of items) screen.out(JSON.stringify({ type: kind.type, item }));
    if (json || items.length === 0) continue;
    screen.out(colours.bold(`${kind.plural} (${items.length})`));
    const rows = items.map((item) => rowOf(kind, item));
    const lines = table(rows, screen.columns - 10);
    for (const [at, item] of items.entries()) {
      const key = `${kind.type}/${idOf(kind, item)}`;
      const mark = dead.has(key)
        ? colours.red("  refused")
        : pending.has(key)
          ? colours.yellow("  pending")
          : "";
      screen.out(`  ${lines[at]}${mark}`);
    }
  }
  if (shown > 0 || json) return;
  const what = kinds.length === 1 ? `no ${kinds[0]!.plural}` : "nothing";
  screen.out(colours.dim(`${what} here yet; add makes one, such as: add goal Ten hours in November`));
}

/** What waits for the server, oldest first. */
export function showPending(pending: readonly Pending[], screen: Screen): void {
  if (screen.json) for (const one of pending) screen.out(JSON.stringify(one));
  else if (pending.length === 0) screen.out(screen.colours.dim("nothing waits: the server has it all"));
  else {
    const rows = pending.map(({ type, id, item, sent }) => [
      shortId(oneLine(id)),
      kindOf(type).word,
      item === null ? "deletion" : headline(kindOf(type), item),
      sent ? "sent, no answer yet" : "not sent yet",
    ]);
    for (const line of table(rows, screen.columns)) screen.out(`  ${line}`);
  }
}

/** What the server refused for good, and what can be done about it. */
export function showDeadLetters(letters: readonly DeadLetter[], screen: Screen): void {
  const { colours, json } = screen;
  if (json) for (const letter of letters) screen.out(JSON.stringify(letter));
  else if (letters.length === 0) screen.out(colours.dim("nothing was refused"));
  else {
    for (const letter of letters) screen.out(`  ${describeLetter(letter, colours)}`);
    screen.out(
      colours.dim(
        "edit <id> mends one and sends it again; retry <id> sends it as it is; discard <id> drops it",
      ),
    );
  }
}

/** One refused write, and why. */
export function describeLetter(
  { type, id, item, code, detail, pointer }: DeadLetter,
  colours: Colours,
): string {
  const kind = kindOf(type);
  const what = item === null ? "deletion" : headline(kind, item);
  const member = pointer === undefined ? "" : `${pointer.slice(1).replaceAll("/", ".")}: `;
  return `${shortId(oneLine(id))}  ${kind.word}  ${what}  ${colours.red(code)}: ${oneLine(`${member}${detail}`)}`;
}

/** One change that came from elsewhere. */
export function describeChange({ type, id, item }: Change, { colours, columns }: Screen): string {
  const kind = kindOf(type);
  const what = item === null ? colours.dim("deleted") : headline(kind, item);
  return shortened(`${shortId(oneLine(id))}  ${kind.word}  ${what}`, columns - 4);
}

/** How things stand, with the numbers. */
export function showStatus(
  client: SyncClient,
  where: Readonly<Record<string, string>>,
  screen: Screen,
): void {
  const { metrics, health, settings } = client;
  const letters = client.deadLetters().length;
  if (screen.json) {
    const { pendingCount: pending, status, nextAttemptAt } = client;
    screen.out(
      JSON.stringify({
        status,
        nextAttemptAt,
        pending,
        deadLetters: letters,
        health,
        settings,
        metrics,
        ...where,
      }),
    );
    return;
  }
  const counts = KINDS.filter(({ type }) => client.list(type).length > 0).map(({ type, word, plural }) => {
    const { length } = client.list(type);
    return `${length} ${length === 1 ? word : plural}`;
  });
  const { successfulSyncs, totalSyncs, averageLatency, lastSyncTime } = metrics;
  const latency = averageLatency > 0 ? `, ${Math.round(averageLatency)} ms on average` : "";
  const rows: [string, string][] = [
    ["state", stateLine(client, screen.colours)],
    ...(client.halted ? ([["because", client.halted.message]] as [string, string][]) : []),
    ...Object.entries(where),
    ["here", counts.join(", ") || "nothing yet"],
    ["refused", letters === 0 ? "none" : `${letters}: letters shows them`],
    ["syncs", `${successfulSyncs} of ${totalSyncs} succeeded${latency}, ${health}`],
    [
      "last sync",
      lastSyncTime === null ? "none since the start" : new Date(lastSyncTime).toLocaleTimeString("en-GB"),
    ],
  ];
  for (const [name, value] of rows) screen.out(`  ${screen.colours.dim(name.padEnd(10))} ${value}`);
}

/** All that is known of one entity. */
export function showItem(item: Entity, screen: Screen): void {
  screen.out(screen.json ? JSON.stringify(item) : oneLineEach(JSON.stringify(item, undefined, 2)));
}

/** What tells one entity from another, in a line. */
export function headline(kind: Kind, item: Entity): string {
  return kind
    .columns(item as JsonObject)
    .map(oneLine)
    .filter(Boolean)
    .join("  ");
}

function rowOf(kind: Kind, item: Entity): string[] {
  return [shortId(oneLine(idOf(kind, item))), ...kind.columns(item as JsonObject).map(oneLine)];
}

function oneLineEach(text: string): string {
  return text
    .split("\n")
    .map((line) => line.replace(/\S.*/, oneLine))
    .join("\n");
}
