import { renderMermaidSVG } from "beautiful-mermaid";

/** A Mermaid diagram, drawn. */
export function diagram(source: string): string {
  return `<figure class="diagram">${renderMermaidSVG(source)}</figure>`;
}
