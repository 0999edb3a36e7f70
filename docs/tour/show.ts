import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { jsonBlock } from "../markdown/code.ts";
import { count } from "../evidence.ts";
import { sequence } from "../sequence.ts";
import type { Step } from "../sequence.ts";
import { recordTour } from "./record.ts";
import type { Chapter, DeviceName, Message } from "./record.ts";

const LANES = ["Phone", "Server", "Laptop"];
const DEVICES: readonly DeviceName[] = ["Phone", "Laptop"];

/** Each chapter of the tour as it was recorded a moment ago: the diagram, every message, what the devices show. */
export async function tour(): Promise<ReadonlyMap<string, string>> {
  const chapters = Object.entries(await recordTour());
  return new Map(
    await Promise.all(
      chapters.map(async ([name, chapter]) => [`tour: ${name}`, await shown(name, chapter)] as const),
    ),
  );
}

async function shown(name: string, { messages, shown: devices, to }: Chapter): Promise<string> {
  const id = (index: number): string => `${name}-${index + 1}`;
  const steps = messages.map((message, index): Step => ({
    kind: "message",
    ...ends(message),
    text: titled(message),
    answer: message.channel === "http" && !message.toServer,
    lost: message.lost,
    href: `#${id(index)}`,
  }));
  const details = await Promise.all(messages.map((message, index) => detail(message, id(index))));
  const state = DEVICES.map((device) => {
    const { pending, entries } = devices[device];
    const texts = entries.map((entry) => `${(entry as { duration: number }).duration} min`);
    const waits = pending === 0 ? "nothing waits" : `${pending} waits to be sent`;
    return html`<li><strong>${device}</strong> shows ${texts.join(", ") || "no entry"}; ${waits}.</li>`;
  });
  const clock = new Date(to).toISOString().slice(11, 16);
  return String(
    html`${messages.length === 0 ? undefined : sequence(LANES, steps, `Messages of this part`)} ${details}
      <p class="clock">At ${clock}:</p>
      <ul>
        ${state}
      </ul>`,
  );
}

function ends({ device, toServer }: Message): { from: string; to: string } {
  return toServer ? { from: device, to: "Server" } : { from: "Server", to: device };
}

function titled(message: Message): string {
  const items = inChanges(message.body);
  if (message.channel === "http" && !message.toServer) return `${message.title}, ${answered(message)}`;
  if (message.title.endsWith("/push")) return `push ${items}`;
  if (message.title.endsWith("/pull"))
    return (message.body as { since?: string }).since === undefined
      ? "pull everything"
      : "pull since the cursor";
  return message.title;
}

/** What an answer says in a word or two. */
function answered({ headers, body }: Message): string {
  if (headers["x-idempotent-replay"] !== undefined) return "the first answer again";
  const { results, entries = [] } = body as { results?: { outcome: string }[]; entries?: unknown[] };
  if (results !== undefined) return results.map(({ outcome }) => outcome).join(", ");
  return entries.length === 0 ? "nothing new" : count(entries.length, "entry", "entries");
}

function inChanges(body: unknown): string {
  const { changes = {} } = (body ?? {}) as { changes?: Record<string, { id?: string }[]> };
  return Object.values(changes)
    .flat()
    .map(({ id }) => id)
    .join(", ");
}

/** A request by its path, as it stands in the contracts. */
function told(message: Message): string {
  return message.channel === "http" && message.toServer ? message.title : titled(message);
}

/** What the text is about is there at once; the rest opens. */
const OPEN = /push$|^ENTRY_/;

async function detail(message: Message, id: string): Promise<Markup> {
  const { from, to } = ends(message);
  const headers = Object.entries(message.headers).map(([name, value]) => `${name}: ${value}\n`);
  const body = message.body === undefined ? undefined : await jsonBlock(message.body);
  return html`<details class="message" id="${id}" ${OPEN.test(message.title) ? "open" : ""}>
    <summary>
      <span class="way">${from} → ${to}</span>
      <strong>${told(message)}</strong
      >${message.lost ? html` <span class="badge must">lost</span>` : undefined}
    </summary>
    ${headers.length === 0 ? undefined : html`<pre class="code">${headers}</pre>`} ${body}
  </details>`;
}
