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
  const checks: readonly FoundAny[] = [
    ...(await discoverChecks("server")),
    ...(await discoverChecks("client")),
  ];
  const wanted = word.toUpperCase();
  const check = checks.find(({ id }) => id.toUpperCase() === wanted);
  if (check) {
    const requirement = requirements.find(({ id }) => id === check.requirement);
    return [...(requirement ? clause(requirement) : []), ...describeCheck(check)].join("\n");
  }
  const named = requirements.filter((one) =>
    namesOf(one, checks).some((name) => name.toUpperCase() === wanted),
  );
  if (named.length === 0) {
    const known = [
      ...new Set([...requirements.flatMap((one) => namesOf(one, checks)), ...checks.map(({ id }) => id)]),
    ];
    throw new UsageError(`nothing is called "${word}".${didYouMean(word, known)}`);
  }
  const parts = named.map((requirement) => {
    const own = checks.filter((one) => one.requirement === requirement.id);
    return [
      ...clause(requirement),
      ...(own.length > 0 ? own.flatMap(describeCheck) : [uncheckedNote(requirement)]),
    ].join("\n");
  });
  return parts.join("\n\n");
}

/** A requirement's own id, the prefix of its area, the file that it stands in, the files of its checks. */
function namesOf(requirement: Requirement, checks: readonly FoundAny[]): string[] {
  const areas = checks.filter((check) => check.requirement === requirement.id).map((check) => check.area);
  const file = requirement.file.replace(/^spec\//, "").replace(/\.md$/, "");
  return [requirement.id, requirement.id.split("-")[0]!, file, ...areas];
}

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
