import type MarkdownIt from "markdown-it";

/** A wide table scrolls by itself, also by keyboard; the page does not. */
export function tables(md: MarkdownIt): void {
  md.renderer.rules["table_open"] = () =>
    `<div class="table" role="group" aria-label="Table" tabindex="0"><table>`;
  md.renderer.rules["table_close"] = () => "</table></div>";
  // A corner heads nothing.
  md.core.ruler.push("corners", ({ tokens }) => {
    for (const [index, token] of tokens.entries()) {
      if (token.type !== "th_open" || tokens[index + 1]!.content !== "") continue;
      token.tag = "td";
      tokens[index + 2]!.tag = "td";
    }
  });
}
