import type { Requirement } from "../../spec/requirements.ts";
import type { FoundAny } from "../discover-checks.ts";
import type { CommonSettings } from "../run/config.ts";
import { didYouMean, selectChecks, UsageError } from "../run/select.ts";

/** The checks of a role that the settings leave. @throws UsageError where they name what is not there, or leave none */
export function chosenChecks<Check extends FoundAny>(
  role: "server" | "client",
  all: readonly Check[],
  settings: Pick<CommonSettings, "profiles" | "only">,
  requirements: readonly Requirement[],
): Check[] {
  const profileOf = new Map(requirements.map(({ id, profile }) => [id, profile]));
  const known = [...new Set(requirements.filter((one) => one.role === role).map(({ profile }) => profile))];
  for (const profile of settings.profiles ?? []) {
    if (!known.includes(profile)) {
      throw new UsageError(
        `--profile: no ${role} profile "${profile}"; there are ${known.join(", ")}.${didYouMean(profile, known)}`,
      );
    }
  }
  const selected = selectChecks(all, settings.only).filter(
    (check) => settings.profiles?.includes(profileOf.get(check.requirement) ?? "http") ?? true,
  );
  if (selected.length === 0) {
    throw new UsageError(
      `no check is left to run: profiles ${settings.profiles?.join(", ") ?? "all"} have none yet`,
    );
  }
  return selected;
}
