type Child = Node | string | null | undefined | false;

/** Makes an element. Texts become text nodes: nothing that a server said is read as markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) element.setAttribute(attribute, value === true ? "" : value);
  for (const child of children)
    if (child !== null && child !== undefined && child !== false)
      element.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  return element;
}
