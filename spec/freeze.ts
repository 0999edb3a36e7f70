import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { diffRevisions } from "./revision-diff.ts";
import { loadRequirements } from "./requirements.ts";
import type { Requirement } from "./requirements.ts";
import { frozen, loadRevisions, nameOf, numberOf, revisionsFolder } from "./revisions.ts";
import type { Revision } from "./revisions.ts";

/** Version of the protocol on the wire. */
const PROTOCOL = "1";
const REMEDY = "run `npm run spec:freeze` and commit what it writes";

/**
 * What the prose and the frozen lists hold against each other, one sentence each; none: all is well.
 *
 * @param revisions the oldest first
 */
export function faultsOf(prose: readonly Requirement[], revisions: readonly Revision[]): string[] {
  const newest = revisions.at(-1);
  if (newest === undefined) return [`no revision is frozen: ${REMEDY}`];
  const { added, removed, altered } = diffRevisions(newest, { requirements: prose.map(frozen) });
  const since = newest.state === "draft" ? "" : `, and revision ${newest.revision} is final`;
  return [
    ...revisions.flatMap((revision, index) => faultsInRow(revisions[index - 1], revision, index)),
    ...revisions
      .slice(0, -1)
      .flatMap((one) => (one.state === "draft" ? [`${one.revision} is a draft, and not the newest`] : [])),
    ...added.map(({ id }) => `${id} is new${since}: ${REMEDY}`),
    ...altered.map(
      ({ after: { id }, aspects }) => `${id}: its ${aspects.join(", ")} changed${since}: ${REMEDY}`,
    ),
    ...removed.map(
      ({ id }) =>
        `${id} is gone from the prose: put it back, or run \`npm run spec:freeze -- --withdraw ${id}\``,
    ),
    ...prose
      .filter(({ id }) => newest.withdrawn.includes(id))
      .map(({ id }) => `${id} was withdrawn and is used again: take a number that never was`),
  ];
}

/** A revision against the one before it: an id stands for one requirement for ever, or for none. */
function faultsInRow(before: Revision | undefined, after: Revision, index: number): string[] {
  const expected = `${PROTOCOL}.${index}`;
  const misnamed = after.revision === expected ? [] : [`${after.revision} stands where ${expected} belongs`];
  if (before === undefined) return misnamed;
  const { removed, altered } = diffRevisions(before, after);
  return [
    ...misnamed,
    ...[...removed.map(({ id }) => id), ...before.withdrawn]
      .filter((id) => !after.withdrawn.includes(id))
      .map((id) => `${id} of ${before.revision} is lost in ${after.revision}: neither kept nor withdrawn`),
    ...after.requirements
      .filter(({ id }) => before.withdrawn.includes(id))
      .map(({ id }) => `${id} was withdrawn by ${before.revision} and is used again in ${after.revision}`),
    ...altered
      .filter(({ aspects }) => aspects.includes("role"))
      .map(({ after: { id } }) => `${id} binds another role in ${after.revision} than in ${before.revision}`),
  ];
}

/**
 * The revision that the prose is to be kept as: the draft anew, or, after a final one, the next.
 *
 * @throws Error naming each id that can't be frozen as it is, and the remedy
 */
export function freeze(
  prose: readonly Requirement[],
  revisions: readonly Revision[],
  { withdraw = [], final = false }: { withdraw?: readonly string[]; final?: boolean } = {},
): Revision {
  const newest = revisions.at(-1);
  const revision =
    newest === undefined
      ? `${PROTOCOL}.0`
      : newest.state === "draft"
        ? newest.revision
        : `${PROTOCOL}.${numberOf(newest) + 1}`;
  const known = new Set(newest?.requirements.map(({ id }) => id));
  const next: Revision = {
    revision,
    state: final ? "final" : "draft",
    requirements: prose.map(frozen).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    withdrawn: [...new Set([...(newest?.withdrawn ?? []), ...withdraw])].toSorted(),
  };
  const roles = new Map(newest?.requirements.map(({ id, role }) => [id, role]));
  const present = new Set(prose.map(({ id }) => id));
  const wrong = [
    ...withdraw.flatMap((id) => (known.has(id) ? [] : [`--withdraw ${id}: no revision has it`])),
    ...withdraw.flatMap((id) => (present.has(id) ? [`--withdraw ${id}: it stands in the prose`] : [])),
    ...[...known]
      .filter((id) => !present.has(id) && !withdraw.includes(id))
      .map((id) => `${id} is gone from the prose: put it back, or say --withdraw ${id}`),
    ...prose
      .filter(({ id }) => newest?.withdrawn.includes(id))
      .map(({ id }) => `${id} was withdrawn: take a number that never was`),
    ...prose
      .filter(({ id, role }) => (roles.get(id) ?? role) !== role)
      .map(
        ({ id, role }) =>
          `${id} now binds the ${role}: that is another requirement, and needs an id of its own`,
      ),
  ];
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  return next;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function main(): void {
  const { values } = parseArgs({
    options: { withdraw: { type: "string", multiple: true }, final: { type: "boolean" } },
  });
  const revisions = loadRevisions();
  const newest = revisions.at(-1);
  let next: Revision;
  try {
    next = freeze(loadRequirements(), revisions, values);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
    return;
  }
  const { added, altered, removed } = diffRevisions(newest ?? { requirements: [] }, next);
  const changed = added.length + altered.length + removed.length > 0;
  if (newest?.state === "final" && !changed) {
    say(`${newest.revision} is final, and the prose says the same: nothing to freeze`);
    return;
  }
  const marked = { $comment: "Generated by `npm run spec:freeze` from spec/*.md. Do not edit.", ...next };
  writeFileSync(join(revisionsFolder(), `${next.revision}.json`), `${JSON.stringify(marked, null, 2)}\n`);
  say(`spec/revisions/${next.revision}.json: ${nameOf(next)}, ${next.requirements.length} requirements`);
  const told = { new: added, changed: altered.map(({ after }) => after), withdrawn: removed };
  for (const [what, list] of Object.entries(told))
    if (newest !== undefined && list.length > 0) say(`${what}: ${list.map(({ id }) => id).join(", ")}`);
}

if (import.meta.main) main();
