import { renderMermaidSVG } from "beautiful-mermaid";
import { parseSequence, sequence } from "../sequence.ts";

const COLOURS = {
  bg: "var(--page)",
  fg: "var(--text)",
  line: "var(--soft)",
  muted: "var(--soft)",
  transparent: true,
};

/** A Mermaid diagram, drawn when the site is built. */
export function diagram(source: string): string {
  if (source.startsWith("sequenceDiagram")) {
    const { lanes, steps } = parseSequence(source);
    return String(sequence(lanes, steps));
  }
  // Nothing is fetched to read a page.
  const svg = renderMermaidSVG(source, { ...COLOURS, font: "inherit" }).replace(
    /@import url\([^)]*\);?/g,
    "",
  );
  const words = [...source.matchAll(/[[(|"]+([^[\](){}|"]{4,})[\])|"]+/g)].map(([, word]) => word!.trim());
  return `<figure class="diagram" tabindex="0" role="group" aria-label="Diagram">${svg.replace("<svg", `<svg role="img" aria-label="${escaped(words.join("; "))}"`)}</figure>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
