import { h } from "../../../reference-client/inspector/dom.ts";
import { instant, span } from "../../../reference-client/inspector/words.ts";
import { requirementLinks } from "./links.ts";
import { type Message, type Moment, type Note, type Place } from "../world/trace.ts";
import type { World } from "../world/world.ts";

const SVG = "http://www.w3.org/2000/svg";
/** Where the lanes are, as parts of the width. */
const LANES: Record<Place, number> = { phone: 1 / 8, server: 1 / 2, laptop: 7 / 8 };

/** The messages as a sequence diagram: a list, in order, whose lines are joined by arrows as soon as it is laid out. */
export interface Diagram {
  readonly element: HTMLElement;
  /** Shows what has happened since. */
  draw(world: World): void;
}

interface Arrow {
  message: Message;
  from: HTMLElement;
  to: HTMLElement | undefined;
  line: SVGPathElement;
  head: SVGPathElement;
}

export function diagram(): Diagram {
  const list = h("ol", { class: "moments" });
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("aria-hidden", "true");
  const lanes = h(
    "div",
    { class: "lanes", "aria-hidden": "true" },
    ...(["phone", "server", "laptop"] as const).map((name) => h("span", {}, capital(name))),
  );
  const canvas = h("div", { class: "canvas" }, list);
  canvas.insertBefore(drawing, list);
  const scroll = h(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": "Sequence diagram" },
    lanes,
    canvas,
  );
  const element = h(
    "section",
    { class: "exchange", "aria-labelledby": "messages-title" },
    h("h2", { id: "messages-title" }, "Messages"),
    scroll,
  );

  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let shown: World | undefined;
  let drawn = 0;
  let arrows = new Map<Message, Arrow>();

  const begin = (world: World): void => {
    shown = world;
    drawn = world.trace.prologue;
    arrows = new Map();
    drawing.replaceChildren();
    list.replaceChildren(h("li", { class: "prologue" }, `Both devices have connected and caught up.`));
  };

  /** Puts the arrows where the lines are. */
  const place = (): void => {
    if (!shown) return;
    const { now } = shown.time;
    const width = canvas.clientWidth;
    const height = list.offsetHeight;
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    for (const arrow of arrows.values()) {
      const { message, from, to, line, head } = arrow;
      const [x1, x2] = [LANES[message.from] * width, LANES[message.to] * width];
      const y1 = from.offsetTop + from.clientHeight - 3;
      const end = to ? to.offsetTop + to.clientHeight / 2 : Math.max(height - 4, y1 + 10);
      const y2 = Math.max(end, y1 + 4);
      const state =
        message.arrivedAt !== undefined ? "arrived" : message.lostAt !== undefined ? "lost" : "open";
      const gone = (now - message.sentAt) / (message.dueAt - message.sentAt || 1);
      const part =
        state === "arrived"
          ? 1
          : state === "lost"
            ? 0.55
            : calm.matches
              ? 0.5
              : Math.min(0.96, Math.max(0.04, gone));
      const [x, y] = [x1 + (x2 - x1) * part, y1 + (y2 - y1) * part];
      const path = `M${x1} ${y1}L${x} ${y}`;
      if (line.getAttribute("d") !== path) {
        line.setAttribute("d", path);
        head.setAttribute("d", state === "lost" ? cross(x, y) : tip(x, y, Math.atan2(y2 - y1, x2 - x1)));
      }
      const kind = `${message.channel} ${state}`;
      if (line.getAttribute("class") !== kind) {
        line.setAttribute("class", kind);
        head.setAttribute("class", kind);
      }
    }
  };
  new ResizeObserver(place).observe(list);

  return {
    element,
    draw(world) {
      if (world !== shown) begin(world);
      const { moments } = world.trace;
      const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;
      for (; drawn < moments.length; drawn += 1) {
        const moment = moments[drawn]!;
        const line = lineOf(moment, world.time.now);
        list.appendChild(line);
        const { of } = moment;
        if (of.kind === "note") continue;
        if (!moment.end) arrows.set(of, newArrow(of, line));
        else {
          const arrow = arrows.get(of);
          if (arrow) {
            arrow.to = line;
            arrow.from.querySelector(".fate")?.replaceChildren(fate(of));
          }
        }
      }
      place();
      if (atEnd) scroll.scrollTop = scroll.scrollHeight;
    },
  };

  function newArrow(message: Message, from: HTMLElement): Arrow {
    const [line, head] = [document.createElementNS(SVG, "path"), document.createElementNS(SVG, "path")];
    drawing.appendChild(line);
    drawing.appendChild(head);
    return { message, from, to: undefined, line, head };
  }
}

function lineOf(moment: Moment, now: number): HTMLElement {
  const { of, end, at } = moment;
  if (of.kind === "note") return noteLine(of, now);
  const side = of.from === "laptop" || of.to === "laptop" ? "laptop" : "phone";
  if (end) return h("li", { class: `end ${side}`, "aria-hidden": "true" });
  const quiet = /^P[IO]NG$/.test(of.label) ? " quiet" : "";
  const words = [
    h("span", { class: "unseen" }, `${of.from} to ${of.to}: `),
    h("span", { class: "label" }, of.label),
    h("span", { class: "unseen fate" }, ", under way"),
    h("time", {}, instant(at, now)),
  ];
  return h(
    "li",
    { class: `send ${side}${quiet}` },
    of.body === ""
      ? h("div", { class: "words" }, ...words)
      : h("details", {}, h("summary", { class: "words" }, ...words), h("pre", { tabindex: "0" }, of.body)),
  );
}

function noteLine({ place, tone, text, at, requirements }: Note, now: number): HTMLElement {
  return h(
    "li",
    { class: `note ${place} ${tone}` },
    h(
      "p",
      {},
      h("span", { class: "unseen" }, `${place}: `),
      text,
      ...(requirements.length > 0 ? [" ", requirementLinks(requirements)] : []),
    ),
    h("time", {}, instant(at, now)),
  );
}

function fate({ sentAt, arrivedAt, lostAt }: Message): string {
  if (lostAt !== undefined) return ", lost";
  return arrivedAt === undefined ? ", under way" : `, arrives after ${span(arrivedAt - sentAt)}`;
}

function tip(x: number, y: number, angle: number): string {
  const corner = (turn: number): string =>
    `${x - 8 * Math.cos(angle + turn)} ${y - 8 * Math.sin(angle + turn)}`;
  return `M${corner(0.4)}L${x} ${y}L${corner(-0.4)}`;
}

function cross(x: number, y: number): string {
  return `M${x - 5} ${y - 5}l10 10M${x - 5} ${y + 5}l10 -10`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What was said since, for who does not see the diagram: notes, and messages that are lost. */
export function spoken(moments: readonly Moment[]): string {
  return moments
    .flatMap(({ of, end }) => {
      if (of.kind === "note") return [`${capital(of.place)}: ${of.text}.`.replace("..", ".")];
      return end && of.lostAt !== undefined ? [`${of.label}, from ${of.from} to ${of.to}, is lost.`] : [];
    })
    .join(" ");
}
