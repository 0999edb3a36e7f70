import type { TranscriptEntry } from "../../../schemas/conformance-result.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** What stands at the right: whom all the others talk to. */
const SUBJECT = { server: "server under test", client: "simulated server" };
/** The connection by which the suite asks a client: nothing goes to the server there. */
const ADAPTER = "adapter";
const ANONYMOUS = "no device id";
/** Which socket came of an upgrade, a transcript does not tell. */
const OPENING = "opening sockets";
const LONGEST_PREVIEW = 160;

/**
 * A transcript as a sequence diagram: a lane for each device and each socket, the server's at the right,
 * a message in each row, which opens to its headers and its body.
 */
export function sequence(transcript: readonly TranscriptEntry[], role: "server" | "client"): Markup {
  const subject = SUBJECT[role];
  const lanes = lanesOf(transcript);
  const names = [...new Set(lanes.filter((lane) => lane !== ADAPTER)), subject];
  const centre = (name: string): string => `${((names.indexOf(name) + 0.5) * 100) / names.length}%`;
  return html`<h4>Messages</h4>
    <div class="sequence ${names.length > 4 ? "wide" : ""}" ${names.length > 4 ? "tabindex=0" : ""}>
      <div class="lanes" aria-hidden="true">${names.map((name) => html`<span>${name}</span>`)}</div>
      <div class="messages">
        <svg class="lifelines" aria-hidden="true">
          ${names.map((name) => html`<line x1="${centre(name)}" x2="${centre(name)}" y1="0" y2="100%" />`)}
        </svg>
        <ol>
          ${transcript.map((entry, index) => {
            const lane = lanes[index]!;
            return html`<li>
              <details class="message-row">
                <summary>
                  ${label(entry, lane)}${entry.connection === ADAPTER ? undefined : arrow(entry, centre(lane), centre(subject))}
                </summary>
                ${content(entry)}
              </details>
            </li>`;
          })}
        </ol>
      </div>
    </div>`;
}

/** The lane of each message. An answer goes back to where its request came from. */
function lanesOf(transcript: readonly TranscriptEntry[]): string[] {
  const waiting: { lane: string; to: string }[] = [];
  return transcript.map((entry) => {
    if (entry.connection !== undefined) return entry.connection;
    if (entry.direction === "request") {
      const opening = entry.headers["upgrade"] === "websocket";
      const lane = opening ? OPENING : (entry.headers["x-device-id"] ?? ANONYMOUS);
      waiting.push({ lane, to: `to ${entry.method} ${entry.path} sent at ${entry.at} ms` });
      return lane;
    }
    const named = waiting.findIndex(({ to }) => to === entry.note);
    return waiting.splice(Math.max(0, named), 1)[0]?.lane ?? ANONYMOUS;
  });
}

const fromSuite = ({ direction }: TranscriptEntry): boolean =>
  direction === "request" || direction === "sent-frame";

function label(entry: TranscriptEntry, lane: string): Markup {
  const { direction, method, path, status, body, note, at } = entry;
  const outward = fromSuite(entry);
  const [from, to] = lane === ADAPTER ? ["the suite", "the adapter"] : [lane, "the server"];
  const way = outward ? `${from} to ${to}` : `${to} to ${from}`;
  const what =
    direction === "request"
      ? `${method} ${path}`
      : direction === "response"
        ? String(status)
        : body === null
          ? (note ?? "frame")
          : lane === ADAPTER
            ? `adapter: ${verbOf(body) ?? "answer"}`
            : typeOf(body);
  // An answer's note says what it answers, which the diagram shows.
  const remark =
    direction === "response" || (entry.connection !== undefined && body === null) ? undefined : note;
  const preview = body === null || body === "" ? undefined : body.slice(0, LONGEST_PREVIEW);
  return html`<span class="label"
    ><span aria-hidden="true">${outward ? "→" : "←"}</span><span class="unseen">${way}: </span>
    <strong>${what}</strong>
    <span class="at">${at} ms</span> ${remark === undefined ? undefined : html`<em>${remark}</em>`}${
      preview === undefined ? undefined : html`<span class="preview">${preview}</span>`
    }</span
  >`;
}

/** The type that a frame's message names, where it does. */
function typeOf(body: string | null): string {
  return /^\s*\{\s*"type"\s*:\s*"([A-Z_]{1,40})"/.exec(body ?? "")?.[1] ?? "frame";
}

/** What the suite asks an adapter for; nothing where it is the adapter's answer. */
function verbOf(body: string): string | undefined {
  return /^\{"verb":"([a-z-]{1,40})"/.exec(body)?.[1];
}

/** Drawn from lifeline to lifeline; an answer's line is broken, as is usual in such diagrams. */
function arrow(entry: TranscriptEntry, lane: string, subject: string): Markup {
  const outward = fromSuite(entry);
  const head = outward ? "M-8,-4 L0,0 L-8,4" : "M8,-4 L0,0 L8,4";
  return html`<svg class="arrow" aria-hidden="true">
    <line
      class="${entry.direction === "response" ? "answer" : ""}"
      x1="${lane}"
      x2="${subject}"
      y1="6"
      y2="6"
    />
    <svg x="${outward ? subject : lane}" y="6" overflow="visible"><path d="${head}" /></svg>
  </svg>`;
}

function content({ headers, body, note }: TranscriptEntry): Markup {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return html`<div class="content">
    ${note === undefined ? undefined : html`<p>${note}</p>`}
    ${lines.length === 0 ? undefined : html`<pre>${lines.join("\n")}</pre>`}
    ${body === null ? html`<p>no body</p>` : html`<pre class="body">${body}</pre>`}
  </div>`;
}
