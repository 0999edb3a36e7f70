import { h } from "./dom.ts";
import { sections } from "./sections.ts";
import type { SeenMessage } from "./probe.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Source } from "./source.ts";
import { STYLE } from "./style.ts";
import { counted, instant } from "./words.ts";

/** Shows in an element what a source tells, in a shadow root that the page's styles do not reach. Returns what takes it away. */
export function mountPanel(element: HTMLElement, source: Source): () => void {
  const host = h("div");
  const root = host.attachShadow({ mode: "open" });
  const state = h("div", { class: "state" });
  const parts = sections.map((section) => ({ section, ...part(section.title), before: "" }));
  const messages = part("Messages");
  const list = h("ol", { class: "messages" });
  messages.body.appendChild(list);
  root.replaceChildren(
    h("style", {}, STYLE),
    h(
      "div",
      { class: "panel", role: "group", "aria-label": "Sync inspector" },
      state,
      ...parts.map(({ details }) => details),
      messages.details,
    ),
  );
  element.appendChild(host);

  let stateBefore = "";
  const show = (snapshot: Snapshot): void => {
    host.dataset["status"] = snapshot.status;
    const now = stateOf(snapshot);
    // What looks the same is left alone: it may be selected, or being read out.
    if (now !== stateBefore) state.replaceChildren(...stateLine(snapshot));
    stateBefore = now;
    for (const shown of parts) {
      const { count, alarming = false, content } = shown.section.show(snapshot);
      const body = content();
      const text = body.map((node) => node.outerHTML).join("");
      setText(shown.count, count);
      shown.count.classList.toggle("alarming", alarming);
      if (text !== shown.before) shown.body.replaceChildren(...body);
      shown.before = text;
    }
    setText(messages.count, String(snapshot.messages.at(-1)?.n ?? 0));
    showMessages(list, snapshot.messages, snapshot.at);
  };
  const stop = source(show);
  return () => {
    stop();
    host.remove();
  };
}

function part(title: string): { details: HTMLElement; body: HTMLElement; count: HTMLElement } {
  const count = h("span", { class: "count" });
  const body = h("div", { class: "body" });
  const details = h(
    "details",
    { open: title === "Outbox" },
    h("summary", {}, h("span", {}, title), count),
    body,
  );
  return { details, body, count };
}

const stateOf = ({ status, halted, outbox, deadLetters, health, nextAttemptAt }: Snapshot): string =>
  JSON.stringify([status, halted, outbox.length, deadLetters.length, health, nextAttemptAt]);

function stateLine({ status, halted, outbox, health, nextAttemptAt, at }: Snapshot): HTMLElement[] {
  const again = nextAttemptAt === null ? "" : `, tries again at ${instant(nextAttemptAt, at).slice(0, -4)}`;
  const waits = outbox.length === 0 ? "all is sent" : `${counted(outbox.length, "write")} on the way`;
  return [
    h(
      "p",
      {},
      h("span", { class: `dot ${status}`, "aria-hidden": "true" }),
      h("strong", {}, status),
      `${again} · ${waits} · ${health}`,
    ),
    ...(halted === null ? [] : [h("p", { class: "problem" }, halted)]),
  ];
}

/** Newest first. Those that are shown already stay as they are, opened or not. */
function showMessages(list: HTMLElement, messages: readonly SeenMessage[], now: number): void {
  const newest = Number((list.firstElementChild as HTMLElement | null)?.dataset["n"] ?? 0);
  for (const message of messages)
    if (message.n > newest) list.insertBefore(messageLine(message, now), list.firstChild);
  while (list.childElementCount > messages.length) list.lastElementChild!.remove();
}

function messageLine({ n, at, direction, channel, what, body }: SeenMessage, now: number): HTMLElement {
  const arrow = h("span", { class: direction, "aria-hidden": "true" }, direction === "sent" ? "→" : "←");
  const line = [
    arrow,
    h("span", { class: "unseen" }, `${direction} by ${channel}: `),
    h("span", { class: "what" }, what),
    h("time", {}, instant(at, now)),
  ];
  return h(
    "li",
    { "data-n": String(n), class: channel },
    body === ""
      ? h("div", { class: "line" }, ...line)
      : h("details", {}, h("summary", { class: "line" }, ...line), h("pre", { tabindex: "0" }, body)),
  );
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
