import type { Account } from "./words.ts";

/** From one lifeline to the next. */
const GAP = 3;
const SERVER = "server";

/**
 * Operations as a sequence diagram, a line of text each: a lifeline for each device or socket, the server's at the right, time
 * going down.
 */
export function diagram(operations: readonly Account[]): string[] {
  const who = [...new Set(operations.map((one) => one.who))];
  const columns: number[] = [];
  for (const name of who)
    columns.push((columns.at(-1) ?? -GAP) + GAP + (columns.length > 0 ? before(who, name) : 0));
  const end = columns.at(-1)! + who.at(-1)!.length + GAP + 4;
  const blank = (): string[] => {
    const line = Array.from({ length: end + 1 }, () => " ");
    for (const at of [...columns, end]) line[at] = "│";
    return line;
  };
  const messages = operations
    .flatMap(({ who: name, asked, answered }) => [
      ...(asked ? [{ ...asked, lane: who.indexOf(name), outward: true }] : []),
      ...(answered ? [{ ...answered, lane: who.indexOf(name), outward: false }] : []),
    ])
    .toSorted((a, b) => a.at - b.at);
  const heading = who.map((name, n) => name.padEnd((columns[n + 1] ?? end) - columns[n]!)).join("") + SERVER;
  const body = messages.flatMap(({ lane, outward, parts }) => {
    const arrow = blank();
    const from = columns[lane]!;
    for (let at = from + 1; at < end; at += 1) arrow[at] = "─";
    arrow[outward ? end - 1 : from + 1] = outward ? "▶" : "◀";
    const [first = "nothing", ...others] = parts;
    return [`${arrow.join("")}  ${first}`, ...others.map((part) => `${blank().join("")}    ${part}`)];
  });
  return [heading, ...body];
}

/** How long the name before this one is. */
function before(who: readonly string[], name: string): number {
  return who[who.indexOf(name) - 1]!.length;
}
