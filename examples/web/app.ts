import { browserSurroundings } from "../../reference-client/adapters/browser/surroundings.ts";
import { browserTabs } from "../../reference-client/adapters/browser/tabs.ts";
import { indexedDbStorage } from "../../reference-client/adapters/indexeddb/storage.ts";
import {
  type Entity,
  type Patch,
  realtime,
  SyncClient,
  SyncError,
  together,
} from "../../reference-client/index.ts";
import { tokenOf } from "./sign-in.ts";

const asked = new URLSearchParams(location.search);
const user = asked.get("user") ?? "alice";
const server = asked.get("server") ?? "http://127.0.0.1:8787";

/** What the page is known to have, as what the caller knows it to be. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
const found = <E extends HTMLElement>(
  selector: string,
  within: { querySelector(selector: string): unknown } = document,
): E => within.querySelector(selector) as E;

async function start(): Promise<void> {
  const client = await SyncClient.open({
    url: server,
    user,
    token: () => tokenOf(user, server),
    storage: indexedDbStorage(),
    realtime: realtime(),
    tabs: together(browserTabs()),
    surroundings: browserSurroundings,
  });
  showEntries(client);
  showStatus(client);
  listenToForms(client);
}

function showEntries(client: SyncClient): void {
  const list = found("#entries");
  const rows = new Map<string, HTMLElement>();
  const draw = (): void => {
    const entries = client.list("logbook_entry");
    const waiting = new Set(client.pending().map(({ id }) => id));
    const refused = new Set(client.deadLetters().map(({ id }) => id));
    for (const [at, entry] of entries.entries()) {
      const row = rows.get(entry.id) ?? newRow(client, entry.id);
      rows.set(entry.id, row);
      fill(row, entry);
      const mark = found(".mark", row);
      mark.classList.toggle("refused", refused.has(entry.id));
      setText(mark, refused.has(entry.id) ? "refused" : waiting.has(entry.id) ? "waiting" : "");
      // Moved only where it has to be: what has the focus keeps it.
      if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
    }
    const ids = new Set(entries.map(({ id }) => id));
    for (const [id, row] of rows) if (!ids.has(id) && rows.delete(id)) row.remove();
    found("#none").hidden = entries.length > 0;
  };
  client.subscribe(draw, { type: "logbook_entry" });
  client.on("pending", draw);
  client.on("deadLetter", draw);
  draw();
}

function newRow(client: SyncClient, id: string): HTMLElement {
  const row = copyOf("#entry");
  const change = (selector: string, patch: (value: string) => Patch<"logbook_entry">): void => {
    const input = found<HTMLInputElement>(selector, row);
    input.addEventListener("change", () => attempt(client.update("logbook_entry", id, patch(input.value))));
  };
  change(".minutes", (value) => ({ duration: Number(value) }));
  change(".notes", (value) => ({ notes: value }));
  found("button", row).addEventListener("click", () => attempt(client.delete("logbook_entry", id)));
  return row;
}

function fill(row: HTMLElement, { duration, notes }: Entity<"logbook_entry">): void {
  for (const [selector, value] of [
    [".minutes", String(duration)],
    [".notes", notes ?? ""],
  ] as const) {
    const input = found<HTMLInputElement>(selector, row);
    // What the user is typing is not taken away by what comes in.
    if (input !== document.activeElement && input.value !== value) input.value = value;
  }
  found("button", row).setAttribute("aria-label", `Delete ${notes ?? "session"}`);
}

function showStatus(client: SyncClient): void {
  const line = found("#status");
  const offline = found<HTMLInputElement>("#offline");
  const draw = (): void => {
    const letters = client.deadLetters();
    const state = client.settings.autoSync === "never" ? "offline" : client.status;
    const waiting = client.pendingCount;
    line.dataset["state"] = state;
    setText(line, waiting > 0 ? `${state}, ${waiting} waiting for the server` : state);
    setText(found("#again"), untilNextAttempt(client));
    setText(found("#problem"), client.halted?.message ?? "");
    offline.checked = state === "offline";
    found("#refusals").hidden = letters.length === 0;
    found("#letters").replaceChildren(
      ...letters.map(({ type, id, item, detail, pointer }) => {
        const row = copyOf("#letter");
        const { duration, notes } = (item ?? {}) as { duration?: number; notes?: string };
        const what = item === null ? "The deletion of a session" : `${duration} min, “${notes}”`;
        setText(found(".reason", row), `${what}: ${pointer ? `${pointer.slice(1)}: ` : ""}${detail}`);
        for (const does of ["retry", "discard"] as const)
          found(`[data-does=${does}]`, row).addEventListener("click", () => attempt(client[does](type, id)));
        return row;
      }),
    );
  };
  for (const event of ["status", "nextAttempt", "pending", "deadLetter", "settings", "error"] as const)
    client.on(event, draw);
  setInterval(() => setText(found("#again"), untilNextAttempt(client)), 1000);
  // A dead letter that was discarded shows in what the user sees.
  client.subscribe(draw);
  draw();
}

function untilNextAttempt({ nextAttemptAt }: SyncClient): string {
  const seconds = nextAttemptAt === null ? 0 : Math.ceil((nextAttemptAt - Date.now()) / 1000);
  return seconds > 0 ? `next attempt in ${seconds} s` : "";
}

function listenToForms(client: SyncClient): void {
  const offline = found<HTMLInputElement>("#offline");
  offline.disabled = false;
  offline.addEventListener("change", () =>
    attempt(client.configure({ autoSync: offline.checked ? "never" : "always" })),
  );
  const form = found<HTMLFormElement>("#new");
  found<HTMLButtonElement>("button", form).disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    const entry = {
      timestamp: new Date().toISOString(),
      type: "practice",
      duration: Number(given.get("minutes")),
      notes: String(given.get("notes")),
    };
    form.reset();
    found<HTMLInputElement>("input", form).focus();
    attempt(client.create("logbook_entry", entry));
  });
}

/** A failure of the user's deed is told, with what to do about it. */
function attempt(deed: Promise<unknown>): void {
  deed.then(
    () => setText(found("#problem"), ""),
    (error: unknown) =>
      setText(found("#problem"), error instanceof SyncError ? error.message : String(error)),
  );
}

function copyOf(template: string): HTMLElement {
  const { content } = found<HTMLTemplateElement>(template);
  return content.firstElementChild!.cloneNode(true) as HTMLElement;
}

/** Nothing is told twice to who listens to the page. */
function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

setText(found("#user"), user);
attempt(start());
