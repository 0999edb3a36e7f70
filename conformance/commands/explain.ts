import { loadRequirements } from "../../spec/requirements.ts";
import type { Requirement } from "../../spec/requirements.ts";
import { discoverChecks } from "../discover-checks.ts";
import type { FoundAny } from "../discover-checks.ts";
import { didYouMean, UsageError } from "../run/select.ts";

/**
 * `mirubato-sync explain <word>`: a requirement (`IDEM-002`), an area (`IDEM`, `idempotency`) or a check.
 * @throws UsageError for a word that names nothing, with the nearest that does.
 */
export async function explain(word: string): Promise<string> {
  const requirements = loadRequirements();
  const ids = requirements
    .filter((one) => same(one.id, word.split("/")[0]!) || namesOf(one, []).some((name) => same(name, word)))
    .map(({ id }) => id);
  if (ids.length > 0) {
    // Their checks stand in a few files, and the others take most of a second to load.
    const near = explained(word, requirements, await checksOf([...ids, word.toLowerCase()]));
    if (near !== undefined) return near;
  }
  const checks = await checksOf();
  const found = explained(word, requirements, checks);
  if (found !== undefined) return found;
  const known = [...requirements.flatMap((one) => namesOf(one, checks)), ...checks.map(({ id }) => id)];
  throw new UsageError(`nothing is called "${word}".${didYouMean(word, [...new Set(known)])}`);
}

async function checksOf(naming?: readonly string[]): Promise<readonly FoundAny[]> {
  return [...(await discoverChecks("server", naming)), ...(await discoverChecks("client", naming))];
}

function explained(
  word: string,
  requirements: readonly Requirement[],
  checks: readonly FoundAny[],
): string | undefined {
  const check = checks.find(({ id }) => same(id, word));
  if (check) {
    const requirement = requirements.find(({ id }) => id === check.requirement);
    return [...(requirement ? clause(requirement) : []), ...describeCheck(check)].join("\n");
  }
  const parts = requirements
    .filter((one) => namesOf(one, checks).some((name) => same(name, word)))
    .map((requirement) => {
      const own = checks.filter((one) => one.requirement === requirement.id);
      return [
        ...clause(requirement),
        ...(own.length > 0 ? own.flatMap(describeCheck) : [uncheckedNote(requirement)]),
      ].join("\n");
    });
  return parts.length === 0 ? undefined : parts.join("\n\n");
}

/** A requirement's own id, the prefix of its area, the file that it stands in, the files of its checks. */
function namesOf(requirement: Requirement, checks: readonly FoundAny[]): string[] {
  const areas = checks.filter((check) => check.requirement === requirement.id).map((check) => check.area);
  const file = requirement.file.replace(/^spec\//, "").replace(/\.md$/, "");
  return [requirement.id, requirement.id.split("-")[0]!, file, ...areas];
}

const same = (a: string, b: string): boolean => a.toUpperCase() === b.toUpperCase();

function clause({ id, role, level, profile, file, line, text }: Requirement): string[] {
  return [`${id}  ${role} ${level}, profile ${profile}, ${file}:${line}`, `  ${text}`];
}

function describeCheck({ id, name, brokenBy, needs }: FoundAny): string[] {
  return [
    "",
    `  check ${id}`,
    `    ${name}`,
    ...(needs.length > 0 ? [`    needs ${needs.join(", ")}`] : []),
    ...brokenBy.flatMap((mutant) => [`    catches ${mutant.name}`, `      ${mutant.story}`]),
  ];
}

function uncheckedNote({ unobservable, profile }: Requirement): string {
  return unobservable === undefined
    ? `\n  not checked yet (profile ${profile})`
    : `\n  not observable from outside: ${unobservable}`;
}
