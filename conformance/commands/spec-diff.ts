import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { diffWords } from "diff";
import type picocolors from "picocolors";
import { diffRevisions } from "../../spec/revision-diff.ts";
import type { Altered, Aspect } from "../../spec/revision-diff.ts";
import { loadRevisions, nameOf } from "../../spec/revisions.ts";
import type { FrozenRequirement, Revision } from "../../spec/revisions.ts";
import { didYouMean, UsageError } from "../run/select.ts";

type Colours = ReturnType<typeof picocolors.createColors>;

/** How a difference is written down. */
interface Style {
  title(text: string): string;
  heading(text: string): string;
  /** The line of a requirement, or of what became of it. */
  id(id: string, note: string): string;
  text(text: string): string;
  gone(text: string): string;
  come(text: string): string;
}

const consoleStyle = (colours: Colours): Style => ({
  title: (text) => colours.bold(text),
  heading: (text) => colours.bold(text),
  id: (id, note) => `  ${id}  ${colours.dim(note)}`,
  text: (text) => `    ${text}`,
  // Without colours the words still have to tell themselves apart.
  gone: (text) => (colours.isColorSupported ? colours.red(colours.strikethrough(text)) : `[-${text}-]`),
  come: (text) => (colours.isColorSupported ? colours.green(text) : `{+${text}+}`),
});

const MARKDOWN: Style = {
  title: (text) => `## ${text}\n`,
  heading: (text) => `### ${text}\n`,
  id: (id, note) => `- **${id}** (${note})  `,
  text: (text) => `  ${text}`,
  gone: (text) => `~~${text}~~`,
  come: (text) => `**${text}**`,
};

/** What is said of a change besides the words of the requirement. */
const SAID: Record<Aspect, string> = {
  role: "binds",
  level: "level",
  profile: "profile",
  text: "worded",
  unobservable: "not observable",
};

/**
 * `mirubato-sync spec-diff [from] [to]`: what became of the requirements. Each is a revision's name, or the file of one, as another
 * version of the package has it; without `to` the newest, without `from` the one before that.
 *
 * @throws UsageError for what is no revision
 */
export function specDiff(
  words: readonly string[],
  { markdown = false, colours, folder }: { markdown?: boolean; colours: Colours; folder: string },
  revisions = loadRevisions(),
): string {
  const [from, to] = words;
  const after = to === undefined ? revisions.at(-1)! : revisionNamed(to, revisions, folder);
  const before =
    from === undefined ? revisions[revisions.length - 2] : revisionNamed(from, revisions, folder);
  if (before === undefined) {
    const name = after.revision;
    throw new UsageError(
      `${name} is the first revision: nothing came before it. Give the file of another: spec-diff <file> ${name}`,
    );
  }
  return `${lines(before, after, markdown ? MARKDOWN : consoleStyle(colours)).join("\n")}\n`;
}

function lines(before: Revision, after: Revision, style: Style): string[] {
  const { added, removed, altered, kept } = diffRevisions(before, after);
  const reworded = altered.filter(({ aspects }) => aspects.includes("text"));
  const moved = altered.filter(({ aspects }) => !aspects.includes("text"));
  const counts = [
    [added.length, "new"],
    [reworded.length, "worded otherwise"],
    [moved.length, "otherwise changed"],
    [removed.length, "withdrawn"],
    [kept, "as they were"],
  ] as const;
  const told = counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : []));
  return [
    style.title(`Requirements from ${nameOf(before)} to ${nameOf(after)}`),
    told.join(", "),
    ...section("New", added, (one) => [style.id(one.id, bound(one)), style.text(one.text)], style),
    ...section("Worded otherwise", reworded, (one) => change(one, style), style),
    ...section("Otherwise changed", moved, (one) => change(one, style), style),
    ...section(
      "Withdrawn",
      removed,
      (one) => [style.id(one.id, bound(one)), style.text(style.gone(one.text))],
      style,
    ),
  ];
}

function section<T>(title: string, list: readonly T[], show: (one: T) => string[], style: Style): string[] {
  return list.length === 0 ? [] : ["", style.heading(title), ...list.flatMap(show)];
}

function change({ before, after, aspects }: Altered, style: Style): string[] {
  const others = aspects.filter((aspect) => aspect !== "text");
  return [
    style.id(after.id, bound(after)),
    style.text(wordByWord(before.text, after.text, style)),
    ...others.map((aspect) =>
      style.text(`${SAID[aspect]}: ${before[aspect] ?? "nothing"} → ${after[aspect] ?? "nothing"}`),
    ),
  ];
}

const bound = ({ role, level, profile }: FrozenRequirement): string => `${role} ${level}, ${profile}`;

/** One sentence, with what went and what came. The blanks around a change stay outside its marks. */
function wordByWord(before: string, after: string, { gone, come }: Style): string {
  return diffWords(before, after)
    .map(({ value, added, removed }, index, parts) => {
      if (!added && !removed) return value;
      const [, ahead, text, behind] = /^(\s*)(.*?)(\s*)$/s.exec(value) as unknown as [string, ...string[]];
      if (text === "") return value;
      const replaced = removed && parts[index + 1]?.added === true;
      return `${ahead}${added ? come(text!) : gone(text!)}${replaced ? " " : behind}`;
    })
    .join("");
}

function revisionNamed(word: string, revisions: readonly Revision[], folder: string): Revision {
  const found = revisions.find((one) => one.revision === word || nameOf(one) === word);
  if (found) return found;
  if (!word.endsWith(".json")) {
    const names = revisions.map(({ revision }) => revision);
    throw new UsageError(
      `there is no revision "${word}"; there are ${names.join(", ")}, or give the file of one.${didYouMean(word, names)}`,
    );
  }
  let value: Partial<Revision> | null;
  try {
    value = JSON.parse(readFileSync(resolve(folder, word), "utf8")) as Partial<Revision> | null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === undefined ? `${word} is not JSON: ${message}` : `${word} can't be read (${code})`,
    );
  }
  if (typeof value?.revision === "string" && Array.isArray(value.requirements)) return value as Revision;
  throw new UsageError(`${word} is no revision, as spec/revisions/ of the package has them`);
}
