import type MarkdownIt from "markdown-it";

export function requirements(_md: MarkdownIt): void {}
