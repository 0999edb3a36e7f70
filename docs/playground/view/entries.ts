import type { Entity } from "../../../reference-client/index.ts";
import { h } from "../../../reference-client/inspector/dom.ts";
import type { Action } from "../world/actions.ts";
import type { Device } from "../world/device.ts";
import type { DeviceName } from "../world/trace.ts";
import { button, field, setText } from "./controls.ts";

/** What the app on a device shows of an entity. */
export interface Entry {
  readonly id: string;
  readonly text: string;
  readonly minutes: number | undefined;
  readonly mark: "" | "waiting" | "sent" | "refused";
  /** Why it was refused. */
  readonly why: string;
}

export function entriesOf({ app }: Device): Entry[] {
  if (!app) return [];
  const { client } = app;
  const marks = new Map<string, Entry["mark"]>();
  for (const { id, sent } of client.pending()) marks.set(id, sent ? "sent" : "waiting");
  const letters = new Map(client.deadLetters().map((letter) => [letter.id, letter]));
  const entry = ({ id, notes, title, duration }: Entity): Entry => ({
    id: id as string,
    text: String(notes ?? title ?? ""),
    minutes: duration as number | undefined,
    mark: letters.has(id as string) ? "refused" : (marks.get(id as string) ?? ""),
    why: letters.get(id as string)?.detail ?? "",
  });
  return [...client.list("logbook_entry"), ...client.list("goal")].map((each) => entry(each as Entity));
}

/**
 * What a device holds, to be edited and deleted. A line stays the same element for as long as its entity is there: what has the focus, is
 * being pressed or edited is not taken away by what arrives.
 */
export function entries(
  device: DeviceName,
  act: (action: Action) => void,
): { readonly element: HTMLElement; draw(now: readonly Entry[]): void } {
  const element = h("ul", { class: "entries" });
  const lines = new Map<string, Line>();
  return {
    element,
    draw(now) {
      const ids = new Set(now.map(({ id }) => id));
      for (const [id, line] of lines) {
        // What is being edited stays until that is ended.
        if (ids.has(id) || line.editing) continue;
        const next = line.element.nextElementSibling ?? line.element.previousElementSibling;
        const focused = line.element.contains(document.activeElement);
        line.element.remove();
        lines.delete(id);
        if (focused) (next ?? element.parentElement)?.querySelector<HTMLElement>("button, input")?.focus();
      }
      let place = element.firstElementChild;
      for (const entry of now) {
        const line = lines.get(entry.id) ?? newLine(entry.id, device, act);
        lines.set(entry.id, line);
        line.draw(entry);
        if (line.element === place) place = place.nextElementSibling;
        else element.insertBefore(line.element, place);
      }
    },
  };
}

interface Line {
  readonly element: HTMLElement;
  readonly editing: boolean;
  draw(entry: Entry): void;
}

function newLine(id: string, device: DeviceName, act: (action: Action) => void): Line {
  let shown: Entry;
  const text = h("span", { class: "text" });
  const minutes = h("span", { class: "minutes" });
  const mark = h("span", { class: "mark" });
  const why = h("p", { class: "problem" });
  const edit = button("Edit", () => {
    const form = editing(
      shown,
      (action) => act({ do: "edit", device, id, ...action }),
      () => {
        element.replaceChildren(...view);
        edit.focus();
      },
    );
    element.replaceChildren(form.element);
    form.begin();
  });
  const buttons = {
    edit,
    delete: button("Delete", () => act({ do: "delete", device, id })),
    retry: button("Try again", () => act({ do: "retry", device, id })),
    discard: button("Drop", () => act({ do: "discard", device, id })),
  };
  const view = [
    h("div", { class: "what" }, text, minutes, mark),
    why,
    h("div", { class: "buttons" }, ...Object.values(buttons)),
  ];
  const element = h("li", {}, ...view);
  return {
    element,
    get editing() {
      return element.querySelector("form") !== null;
    },
    draw(entry) {
      shown = entry;
      setText(text, entry.text);
      setText(minutes, entry.minutes === undefined ? "" : `${entry.minutes} min`);
      minutes.hidden = entry.minutes === undefined;
      setText(mark, entry.mark);
      mark.className = `mark ${entry.mark}`;
      mark.hidden = entry.mark === "";
      setText(why, entry.why);
      why.hidden = entry.why === "";
      for (const made of Object.values(buttons))
        made.setAttribute("aria-label", `${made.textContent} “${entry.text}”`);
      buttons.retry.hidden = buttons.discard.hidden = entry.mark !== "refused";
    },
  };
}

function editing(
  { text, minutes }: Entry,
  save: (edited: { text: string; minutes: number }) => void,
  end: () => void,
): { readonly element: HTMLElement; begin(): void } {
  const notes = field("What", text);
  const duration = minutes === undefined ? undefined : field("Minutes", String(minutes), "number");
  const element = h(
    "form",
    { class: "edit" },
    notes.element,
    duration?.element,
    h("div", { class: "buttons" }, h("button", {}, "Save"), button("Cancel", end)),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    end();
    save({ text: notes.input.value, minutes: Number(duration?.input.value ?? 0) });
  });
  return { element, begin: () => notes.input.focus() };
}
