import { unheld } from "../matrix/matrix.ts";
import type { MutantsReport } from "./mutants-page.ts";
import { code, plain } from "./markdown.ts";

/** What the matrix came to, for a terminal: an area a line, what did not hold in full, the counts. */
export function describeMutants(report: MutantsReport): string {
  const { matrix, result, seed, durationMs } = report;
  const areas = byArea(report);
  const width = Math.max(...areas.map(({ name }) => name.length));
  const lines = areas.map(
    ({ name, checks, mutants, survivors }) =>
      `  ${name.padEnd(width)}  ${number(checks)} checks  ${number(mutants)} mutants  ${number(mutants - survivors)} killed\n`,
  );
  const trials = unheld(matrix);
  const surviving = result.mutants.filter(({ killedBy }) => killedBy.length === 0);
  const survivors = surviving.map(({ name, story, breaks }) => {
    const whys = trials.filter(({ mutant }) => mutant === name);
    return [
      `\nSURVIVED ${name}, which breaks ${breaks.join(", ")}`,
      `  ${story}`,
      ...whys.map(({ check, why }) => `  ${check}  ${why}`),
      "",
    ].join("\n");
  });
  const told = new Set(result.survivors);
  const others = trials
    .filter(({ mutant }) => mutant === null || !told.has(mutant))
    .map(({ check, mutant, why, details }) =>
      mutant === null
        ? `\nNOT PASSED ${check} on the conforming model\n  ${why}\n${indented(details ?? "")}`
        : `\nMISSED ${check} on ${mutant}, which another check kills\n  ${why}\n`,
    );
  const again = matrix.trials.filter(({ tries }) => tries > 1).length;
  return [
    "\n",
    ...lines,
    ...survivors,
    ...others,
    `\nmutants: total ${result.total}, killed ${result.killed}, survivors ${result.survivors.length}\n`,
    `checks:  ${matrix.rows.length}, of which ${useless(report).length} kill nothing\n`,
    `trials:  ${matrix.trials.length}, seed ${seed}, ${(durationMs / 1000).toFixed(1)} s\n`,
    ...(again > 0
      ? [`         ${again} of them played again, with more time: this machine stood still\n`]
      : []),
  ].join("");
}

/** The same as Markdown, for a job's summary. */
export function renderMutantsMarkdown(report: MutantsReport): string {
  const { result, matrix, seed, role } = report;
  const rows = byArea(report).map(
    ({ name, checks, mutants, survivors }) =>
      `| ${plain(name)} | ${checks} | ${mutants} | ${mutants - survivors} |\n`,
  );
  const trials = unheld(matrix).map(
    ({ check, mutant, why }) => `- ${code(check)} on ${code(mutant ?? "the model")}: ${plain(why ?? "")}\n`,
  );
  return [
    `## Mirubato Sync: faulty ${role}s that the suite catches\n\n`,
    `**Mutants:** ${result.total}, killed ${result.killed}, survivors ${result.survivors.length}  \n`,
    `**Checks:** ${matrix.rows.length}, trials ${matrix.trials.length}, seed ${code(seed)}\n`,
    ...(trials.length > 0 ? ["\n### Not as it must be\n\n", ...trials] : []),
    "\n| Area | checks | mutants | killed |\n| --- | --: | --: | --: |\n",
    ...rows,
  ].join("");
}

/** Checks of the matrix that kill nothing. */
export function useless({ matrix, result }: MutantsReport): string[] {
  const useful = new Set(result.mutants.flatMap(({ killedBy }) => killedBy));
  return matrix.rows.map(({ check }) => check.id).filter((id) => !useful.has(id));
}

function byArea({ matrix, result, requirements }: MutantsReport) {
  const fileOf = new Map(requirements.map(({ id, file }) => [id, file]));
  const survivors = new Set(result.survivors);
  const areas = Map.groupBy(matrix.rows, ({ check }) => fileOf.get(check.requirement) ?? check.area);
  return [...areas]
    .map(([name, rows]) => {
      const names = new Set(rows.flatMap(({ mutants }) => mutants).map((mutant) => mutant.name));
      const surviving = [...names].filter((one) => survivors.has(one)).length;
      return { name, checks: rows.length, mutants: names.size, survivors: surviving };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function number(count: number): string {
  return String(count).padStart(4);
}

function indented(text: string): string {
  return text === "" ? "" : `${text.replaceAll(/^/gm, "  ")}\n`;
}
