import MarkdownIt from "markdown-it";
import { trusted } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";

const md = new MarkdownIt({ html: false });

/** A description from the contracts, in which code stands between backticks. */
export function inline(text: string): Markup {
  return trusted(md.renderInline(text));
}
