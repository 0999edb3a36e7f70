import type { HistoriesResult } from "../../schemas/conformance-result.ts";

/** How many histories, and of what: "20 histories, 1,904 operations". */
export function playedOf({ played, situations }: HistoriesResult): string {
  const operations = situations["operations"] ?? 0;
  return `${played} ${played === 1 ? "history" : "histories"}, ${operations.toLocaleString("en")} operations`;
}

/** What arose, the operations themselves apart: the most frequent first. */
export function situationsOf({ situations }: HistoriesResult): [name: string, count: number][] {
  return Object.entries(situations)
    .filter(([name]) => name !== "operations")
    .toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

/** What a reader asks for first, in this order; the reports on disk have all. */
const FIRST = [
  "writes of one entity at once",
  "superseded writes",
  "lost answers",
  "cut connections",
  "replays",
  "reconnections",
  "server: kill",
  "server: restart",
  "server: evict",
  "server: fail-next-write",
  "server: token-end",
];

/** The same in a line for a terminal. */
export function situationsInShort(histories: HistoriesResult): string {
  const told = FIRST.filter((name) => (histories.situations[name] ?? 0) > 0).map(
    (name) => `${name.replace(/^server: /, "")} ${histories.situations[name]}`,
  );
  return `${playedOf(histories)}${told.length > 0 ? `: ${told.join(", ")}` : ""}`;
}
