import type picocolors from "picocolors";
import { legible } from "../../conformance/reporters/legible.ts";

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Where the words go: what was asked for to `out`, what it took and what went wrong to `err`. */
export interface Screen {
  out(line: string): void;
  err(line: string): void;
  colours: Colours;
  columns: number;
  /** One JSON text a line instead of words. */
  json: boolean;
}

/** One line that a terminal shows as it is, whatever another device wrote. */
export function oneLine(text: string): string {
  return legible(text.replace(/\s+/g, " ").trim());
}

/** Rows with columns of equal width; the last one ends where the screen does. */
export function table(rows: readonly (readonly string[])[], columns: number): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, cell] of row.entries())
      widths[at] = Math.min(40, Math.max(widths[at] ?? 0, widthOf(cell)));
  return rows.map((row) => {
    const cells = row.map((cell, at) => (at === row.length - 1 ? cell : padded(cell, widths[at]!)));
    // A column in which nothing stands takes no room.
    const line = cells.filter((_, at) => widths[at]! > 0).join("  ");
    return shortened(line.trimEnd(), columns - 2);
  });
}

export function shortened(text: string, columns: number): string {
  const characters = [...text];
  return characters.length > columns ? `${characters.slice(0, Math.max(1, columns - 1)).join("")}…` : text;
}

function padded(cell: string, width: number): string {
  const short = shortened(cell, width);
  return short + " ".repeat(width - widthOf(short));
}

function widthOf(text: string): number {
  return [...text].length;
}
