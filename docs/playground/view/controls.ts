import { h } from "../../../reference-client/inspector/dom.ts";

/** @param name for who does not see what it stands beside */
export function button(words: string, does: () => void, name?: string): HTMLButtonElement {
  const made = h("button", { type: "button", ...(name !== undefined && { "aria-label": name }) }, words);
  made.addEventListener("click", does);
  return made;
}

/** A labelled list to choose from. `set` shows a value without calling. */
export function choice(
  words: string,
  options: Readonly<Record<string, string>>,
  chosen: (value: string) => void,
): { element: HTMLElement; set(value: string): void } {
  const select = h(
    "select",
    {},
    ...Object.entries(options).map(([value, text]) => h("option", { value }, text)),
  );
  select.addEventListener("change", () => chosen(select.value));
  return {
    element: h("label", { class: "choice" }, h("span", {}, words), select),
    set(value) {
      // What is being chosen is not taken away.
      if (select.value !== value && !select.matches(":focus")) select.value = value;
    },
  };
}

export function field(
  words: string,
  value: string,
  type = "text",
): { element: HTMLElement; input: HTMLInputElement } {
  const input = h("input", { type, value });
  return { element: h("label", { class: `field ${type}` }, h("span", {}, words), input), input };
}

export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
