import type MarkdownIt from "markdown-it";
import { createHighlighter } from "shiki";
import { diagram } from "./diagram.ts";

const LANGUAGES = ["json", "sh", "ts", "tsx", "python", "yaml", "http", "html", "toml", "sql", "markdown"];
export const THEMES = { light: "github-light-high-contrast", dark: "github-dark-high-contrast" };

/** Code with colours for light and dark, diagrams as drawings. */
export async function codeBlocks(): Promise<(md: MarkdownIt) => void> {
  const highlighter = await createHighlighter({ langs: LANGUAGES, themes: Object.values(THEMES) });
  return (md) => {
    md.renderer.rules["fence"] = (tokens, index) => {
      const { info, content } = tokens[index]!;
      const [language = ""] = info.trim().split(/\s+/);
      if (language === "mermaid") return diagram(content);
      const lang = LANGUAGES.includes(language) ? language : "text";
      return highlighter.codeToHtml(content.trimEnd(), {
        lang,
        themes: THEMES,
        defaultColor: "light-dark()",
        transformers: [
          { pre: (node) => void Object.assign(node.properties, { class: "code", style: undefined }) },
        ],
      });
    };
    md.renderer.rules["code_block"] = md.renderer.rules["fence"];
  };
}
