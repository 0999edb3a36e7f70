import { resolve } from "node:path";
import { loadRequirements } from "../../spec/requirements.ts";
import type { Requirement } from "../../spec/requirements.ts";
import { chosenChecks } from "../commands/chosen-checks.ts";
import type { FoundAny } from "../discover-checks.ts";
import { demandKnownIds, readBaseline, unmatched } from "../run/baseline.ts";
import type { Baseline } from "../run/baseline.ts";
import type { CommonSettings } from "../run/config.ts";
import { ConformanceFailure, outcomeOf } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { Session } from "./session.ts";
import type { Ground } from "./session.ts";

/** The test of one check. */
export interface PlannedTest {
  /** `IDEM-002/replay-changes-nothing: replaying a push returns …` */
  name: string;
  /** Has the check run, together with others that are asked for at the same time. */
  outcome(): Promise<Outcome>;
}

/** What a runner is to declare, and when it is to begin and end. */
export interface Plan {
  /** Files of the specification, each with its requirements, each with its tests. */
  areas: { name: string; requirements: { name: string; tests: PlannedTest[] }[] }[];
  /** Where there is a list of known failures: throws where some of it fails no more. */
  knownFailures?(): Promise<void>;
  /** Asks for checks ahead of their tests. @param names of tests; others are passed over */
  begin(names: Iterable<string>): void;
  /** Ends what was started. */
  end(): Promise<void>;
}

/** What a role brings to a plan. */
export interface Stage<Check extends FoundAny> {
  role: "server" | "client";
  settings: CommonSettings;
  folder: string;
  all: readonly Check[];
  open(given: { requirements: readonly Requirement[]; baseline?: Known }): Promise<Ground<Check>>;
}

/** A list of known failures, and all checks that there are to judge its entries by. */
export interface Known {
  known: Baseline;
  all: readonly FoundAny[];
}

/** @throws UsageError for options that can't be meant */
export function planOf<Check extends FoundAny>({ role, settings, folder, all, open }: Stage<Check>): Plan {
  const requirements = loadRequirements();
  const checks = chosenChecks(role, all, settings, requirements);
  const baseline = settings.baseline === undefined ? undefined : known(settings.baseline, folder, all);
  const session = new Session(() => open({ requirements, ...(baseline ? { baseline } : {}) }));
  const byName = new Map(checks.map((check) => [nameOf(check), check]));
  const areas = Map.groupBy(
    requirements.filter(({ id }) => checks.some(({ requirement }) => requirement === id)),
    ({ file }) => file,
  );
  return {
    areas: [...areas].map(([name, own]) => ({
      name,
      requirements: own.map((requirement) => ({
        name: `${requirement.id} ${requirement.level}`,
        tests: checks
          .filter((check) => check.requirement === requirement.id)
          .map((check) => ({
            name: nameOf(check),
            outcome: async () => outcomeOf(await session.verdictOf(check), requirement),
          })),
      })),
    })),
    ...(baseline
      ? {
          knownFailures: async () => {
            const { stale } = unmatched(baseline.known, all, await session.results());
            const fixed = stale.map(({ id, detail, reason }) => `  ${id}: ${detail}\n    ${reason}`);
            if (fixed.length === 0) return;
            throw new ConformanceFailure(
              `known failures that fail no more; remove them from ${baseline.known.file}:\n${fixed.join("\n")}`,
            );
          },
        }
      : {}),
    begin: (names) => session.ask([...names].flatMap((name) => byName.get(name) ?? [])),
    end: () => session.close(),
  };
}

const nameOf = ({ id, name }: FoundAny): string => `${id}: ${name}`;

function known(file: string, folder: string, all: readonly FoundAny[]): Known {
  const list = readBaseline(resolve(folder, file), file, "baseline");
  demandKnownIds(list, all);
  return { known: list, all };
}
