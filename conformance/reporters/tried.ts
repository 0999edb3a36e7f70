import picocolors from "picocolors";
import type { Tried } from "../drivers/client/check-adapter.ts";
import type { Console } from "./console.ts";
import { legible } from "./legible.ts";

const NAME = 22;
const INDENT = " ".repeat("missing  ".length + NAME + 1);

/** Tells line by line what an adapter does, and in the end how much of it. */
export function tellTried(out: Console): { tried(one: Tried): void; finish(): void } {
  const colours = picocolors.createColors(out.live);
  const paint = { works: colours.green, wrong: colours.red, missing: colours.dim };
  const counts = { works: 0, wrong: 0, missing: 0 };
  return {
    tried({ name, outcome, words, remedy }) {
      counts[outcome] += 1;
      const told = legible(words).split("\n").join(`\n${INDENT}`);
      const line = `${paint[outcome](outcome.padEnd(7))}  ${name.padEnd(NAME)} ${told}`.trimEnd();
      out.write(`${line}\n${remedy === undefined ? "" : `${INDENT}to mend it: ${remedy}\n`}`);
    },
    finish() {
      const { works, wrong, missing } = counts;
      out.write(
        `\n${works} ${works === 1 ? "works" : "work"}, ${wrong} wrong, ${missing} missing${wrong === 0 ? ": the adapter is fit for the checks" : ""}\n`,
      );
    },
  };
}
