import type MarkdownIt from "markdown-it";
import { format } from "oxfmt";
import { createHighlighter } from "shiki";
import type { Highlighter, ShikiTransformer } from "shiki";
import { trusted } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { diagram } from "./diagram.ts";
import { checkedExample } from "./example.ts";
import { sourceOf } from "./links.ts";
import type { Environment } from "./links.ts";

const LANGUAGES = ["json", "sh", "ts", "tsx", "python", "yaml", "http", "html", "toml", "sql", "markdown"];
/** What both themes write ordinary text in. */
const PLAIN = "color:light-dark(#0E1116, #F0F3F6)";
const THEMES = { light: "github-light-high-contrast", dark: "github-dark-high-contrast" };

let loading: Promise<Highlighter> | undefined;

function highlighter(): Promise<Highlighter> {
  return (loading ??= createHighlighter({ langs: LANGUAGES, themes: Object.values(THEMES) }));
}

type Element = Parameters<NonNullable<ShikiTransformer["span"]>>[0];
type Content = Element["children"][number];

/** Lines need no element, nor does what has the text's own colour: pages of examples have thousands of them. */
function unwrapped(line: Content): Content[] {
  if (line.type !== "element") return [line];
  return line.children.flatMap((token) => {
    if (token.type !== "element") return [token];
    // What follows are variables for who switches themes by hand.
    const colour = String(token.properties["style"]).split(";")[0]!;
    if (colour === PLAIN) return token.children;
    token.properties["style"] = colour;
    return [token];
  });
}

/** Code with colours for light and dark. */
export async function codeBlock(code: string, language: string): Promise<Markup> {
  return trusted(coloured(await highlighter(), code, language));
}

function coloured(shiki: Highlighter, code: string, language: string): string {
  return shiki.codeToHtml(code.trimEnd(), {
    lang: LANGUAGES.includes(language) ? language : "text",
    themes: THEMES,
    defaultColor: "light-dark()",
    transformers: [
      {
        pre: (node) => void Object.assign(node.properties, { class: "code", style: undefined }),
        code: (node) => void (node.children = node.children.flatMap(unwrapped)),
      },
    ],
  });
}

/** An example, short where it fits in a line. */
export async function jsonBlock(value: unknown): Promise<Markup> {
  const { code } = await format("example.json", JSON.stringify(value), { printWidth: 80 });
  return codeBlock(code, "json");
}

/** Fenced code in colours, diagrams as drawings; an example that names its contract (`json push_request`) is held against it. */
export async function codeBlocks(): Promise<(md: MarkdownIt) => void> {
  const shiki = await highlighter();
  return (md) => {
    md.renderer.rules["fence"] = (tokens, index, _, env) => {
      const { info, content } = tokens[index]!;
      const [language = "", contract] = info.trim().split(/\s+/);
      if (language === "mermaid") return diagram(content);
      if (language === "json" && contract !== undefined) {
        checkedExample(contract, JSON.parse(content), `an example in ${sourceOf(env as Environment)}`);
      }
      return coloured(shiki, content, language);
    };
    md.renderer.rules["code_block"] = (tokens, index) => coloured(shiki, tokens[index]!.content, "text");
  };
}
