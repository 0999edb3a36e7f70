import { html } from "../conformance/reporters/html/markup.ts";
import type { Markup } from "../conformance/reporters/html/markup.ts";

/** What happens in a sequence diagram, one after the other. */
export type Step =
  | {
      kind: "message";
      from: string;
      to: string;
      text: string;
      answer?: boolean;
      lost?: boolean;
      href?: string;
    }
  /** What one of them does by itself. */
  | { kind: "act"; at: string; text: string }
  | { kind: "note"; over: readonly string[]; text: string };

/** A sequence diagram in HTML: its text wraps, is read aloud in order, and needs no script. */
export function sequence(lanes: readonly string[], steps: readonly Step[], caption?: string): Markup {
  return html`<figure
    class="sequence"
    role="group"
    aria-label="${caption ?? "Sequence diagram"}"
    tabindex="0"
  >
    <div class="lanes" style="--lanes: ${lanes.length}">
      <div class="names" aria-hidden="true">${lanes.map((lane) => html`<span>${lane}</span>`)}</div>
      <div class="lifelines" aria-hidden="true">${lanes.map(() => html`<span></span>`)}</div>
      <ol>
        ${steps.map((step, index) => row(lanes, step, index + 1))}
      </ol>
    </div>
  </figure>`;
}

/** Each lane is two columns wide, so that its lifeline is the line between them. */
function row(lanes: readonly string[], step: Step, number: number): Markup {
  const line = (name: string): number => {
    const index = lanes.indexOf(name);
    if (index === -1) throw new Error(`a sequence diagram has no lane "${name}"`);
    return 2 * index + 2;
  };
  if (step.kind === "message" && step.from !== step.to) {
    const [from, to] = [line(step.from), line(step.to)];
    const way = from < to ? "right" : "left";
    const classes = ["message", way, step.answer ? "answer" : "", step.lost ? "lost" : ""].join(" ");
    const text = html`<span class="unseen">${step.from} to ${step.to}${step.lost ? ", lost" : ""}: </span
      >${step.text}`;
    return html`<li
      class="${classes}"
      style="grid-row: ${number}; grid-column: ${Math.min(from, to)} / ${Math.max(from, to)}"
    >
      ${step.href === undefined ? html`<span class="label">${text}</span>` : html`<a class="label" href="${step.href}">${text}</a>`}
    </li>`;
  }
  const over = step.kind === "note" ? step.over : [step.kind === "act" ? step.at : step.from];
  const lines = over.map(line);
  const first = Math.max(1, Math.min(...lines) - 1);
  const last = Math.min(2 * lanes.length + 1, Math.max(...lines) + 1);
  return html`<li
    class="${step.kind === "note" ? "note" : "act"}"
    style="grid-row: ${number}; grid-column: ${first} / ${last}"
  >
    <span class="unseen">${over.join(" and ")}: </span>${step.text}
  </li>`;
}

const PARTICIPANT = /^participant (\w+) as (.+)$/;
const MESSAGE = /^(\w+)(-?-)(>>|x)(\w+): (.+)$/;
const NOTE = /^Note over ([\w,]+): (.+)$/;

/** Reads what the specification uses of Mermaid's sequence diagrams. @throws Error naming a line that it can't read. */
export function parseSequence(source: string): { lanes: string[]; steps: Step[] } {
  const names = new Map<string, string>();
  const steps: Step[] = [];
  for (const line of source.split("\n").map((one) => one.trim())) {
    if (line === "" || line === "sequenceDiagram") continue;
    const participant = PARTICIPANT.exec(line);
    const message = MESSAGE.exec(line);
    const note = NOTE.exec(line);
    const named = (id: string): string => names.get(id) ?? id;
    if (participant) names.set(participant[1]!, participant[2]!);
    else if (message) {
      const [, from, dashes, head, to, text] = message as unknown as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      steps.push(
        from === to
          ? { kind: "act", at: named(from), text }
          : {
              kind: "message",
              from: named(from),
              to: named(to),
              text,
              answer: dashes === "--",
              lost: head === "x",
            },
      );
    } else if (note) steps.push({ kind: "note", over: note[1]!.split(",").map(named), text: note[2]! });
    else throw new Error(`a sequence diagram's line can't be read: ${line}`);
  }
  return { lanes: [...names.values()], steps };
}
