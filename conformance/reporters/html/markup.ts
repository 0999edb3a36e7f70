import { html as template, raw } from "hono/html";
import { legible } from "../legible.ts";

/** Markup in which everything that was filled in is escaped. */
export type Markup = ReturnType<typeof raw>;

/** A template of HTML: what is filled in is escaped, unless it is {@link Markup} itself; nothing is written for undefined. */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Markup {
  // Only a promise among the values would make a promise of it.
  return template(
    strings,
    ...values.map((value) => (typeof value === "string" ? legible(value) : value)),
  ) as Markup;
}

/** For this package's own style and script alone. */
export function trusted(text: string): Markup {
  return raw(text);
}
