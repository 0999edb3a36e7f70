import type MarkdownIt from "markdown-it";

const MARKER = /^<!-- ((?:tour|figures)\b.*) -->$/;

/** `<!-- tour: offline -->` stands for what was made under that name while the site is built. */
export function slots(md: MarkdownIt, made: ReadonlyMap<string, string>): void {
  md.renderer.rules["html_block"] = (tokens, index) => {
    const { content } = tokens[index]!;
    const name = MARKER.exec(content.trim())?.[1];
    if (name === undefined) return content;
    const filling = made.get(name);
    if (filling === undefined) throw new Error(`nothing was made for "${name}"`);
    return filling;
  };
}
