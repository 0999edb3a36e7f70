import type MarkdownIt from "markdown-it";
import { html } from "../../conformance/reporters/html/markup.ts";
import type { Evidence } from "../evidence.ts";
import { badge, proof } from "./proof.ts";

type Token = ReturnType<MarkdownIt["parse"]>[number];

const REQUIREMENT = /^\*\*([A-Z]+-\d{3})\*\* \((?:server|client) (?:MUST|SHOULD|MAY), [a-z]+\) /;

/** A requirement's line becomes a card with an anchor (`#push-004`), its level, and what proves it. */
export function requirements(md: MarkdownIt, evidence: Evidence): void {
  const known = new Map(evidence.requirements.map((one) => [one.id, one]));
  md.core.ruler.after("block", "requirements", (state) => {
    const block = (content: string): Token =>
      Object.assign(new state.Token("html_block", "", 0), { content });
    let above = 1;
    state.tokens = state.tokens.flatMap((token, index, tokens): Token[] => {
      if (token.type === "heading_open") above = Number(token.tag.slice(1));
      const id = idOf(tokens[index + 1]);
      if (token.type === "paragraph_open" && id !== undefined) {
        return [block(head(known.get(id)!, above + 1)), token];
      }
      const own = idOf(tokens[index - 1]);
      if (token.type === "paragraph_close" && own !== undefined) {
        return [token, block(`${String(proof(known.get(own)!, evidence))}</div>`)];
      }
      return [token];
    });
    for (const token of state.tokens) if (idOf(token)) token.content = token.content.replace(REQUIREMENT, "");
  });
}

function idOf(token: { type: string; level: number; content: string } | undefined): string | undefined {
  return token?.type === "inline" && token.level === 1 ? REQUIREMENT.exec(token.content)?.[1] : undefined;
}

function head(requirement: Evidence["requirements"][number], level: number): string {
  const { id, role, profile } = requirement;
  const anchor = id.toLowerCase();
  const inner = html`<a href="#${anchor}">${id}</a> ${badge(requirement)}
    <span class="who">${role}, ${profile}</span>`;
  return `<div class="requirement"><h${level} id="${anchor}">${String(inner)}</h${level}>`;
}
