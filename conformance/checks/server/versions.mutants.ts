import type { Behaviour } from "../../model/behaviour.ts";
import type { Context, Endpoint } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

/** A server that takes versions otherwise; `accepts` is asked about those that were announced. */
function accepting(
  conforming: Behaviour,
  accepts: (context: Context, version: string) => boolean,
): Behaviour {
  return {
    ...conforming,
    negotiateVersion(context) {
      const version = conforming.fetchHeader(context, "x-sync-protocol");
      return (version !== undefined && accepts(context, version)) || conforming.negotiateVersion(context);
    },
  };
}

export const anyVersionIsServed = mutant({
  name: "any-version-is-served",
  story: "The header is looked at for being there, not for what it says.",
  breaks: ["DISC-004"],
  deform: (conforming) => accepting(conforming, () => true),
});

export const newerVersionsAreServed = mutant({
  name: "newer-versions-are-served",
  story: "Whoever speaks version 2 was thought to speak version 1 as well.",
  breaks: ["DISC-004"],
  deform: (conforming) => accepting(conforming, (_context, version) => Number.parseInt(version, 10) > 1),
});

export const versionsAreComparedAsNumbers = mutant({
  name: "versions-are-compared-as-numbers",
  story: "The header goes through parseInt.",
  breaks: ["DISC-004"],
  deform: (conforming) => accepting(conforming, (_context, version) => Number.parseInt(version, 10) === 1),
});

export const statusIgnoresVersions = mutant({
  name: "status-ignores-versions",
  story: "The version is looked at where bodies are parsed, and status has none.",
  breaks: ["DISC-004"],
  deform: (conforming) => accepting(conforming, ({ endpoint }) => endpoint === "status"),
});

export const refusalsNameNoVersions = mutant({
  name: "refusals-name-no-versions",
  story: "The list stands in the text of the refusal alone.",
  breaks: ["DISC-004"],
  deform: (conforming) => ({
    ...conforming,
    problem(context, refusal) {
      const { supported: _supported, ...problem } = conforming.problem(context, refusal);
      return problem;
    },
  }),
});

export const recordsRefusedVersions = mutant({
  name: "records-refusals-of-versions-under-the-key",
  story: "The idempotency layer is wrapped around everything and keeps every answer.",
  breaks: ["DISC-004", "IDEM-002"],
  deform: (conforming) => ({
    ...conforming,
    negotiateVersion(context) {
      const slot = `refused ${context.user.id} ${conforming.fetchHeader(context, "x-idempotency-key") ?? ""}`;
      const earlier = context.server.scratch.get(slot);
      if (earlier instanceof Refusal) throw earlier;
      try {
        return conforming.negotiateVersion(context);
      } catch (error) {
        if (!slot.endsWith(" ")) context.server.scratch.set(slot, error);
        throw error;
      }
    },
  }),
});

/** A server that refuses some requests without a version. */
function demanding(conforming: Behaviour, demands: (endpoint: Endpoint | undefined) => boolean): Behaviour {
  return {
    ...conforming,
    negotiateVersion(context) {
      if (conforming.fetchHeader(context, "x-sync-protocol") === undefined && demands(context.endpoint)) {
        throw new Refusal("UNSUPPORTED_VERSION", "X-Sync-Protocol is missing", {
          members: { supported: ["1"] },
        });
      }
      return conforming.negotiateVersion(context);
    },
  };
}

export const demandsAVersion = mutant({
  name: "demands-a-version",
  story: "The header is validated as required.",
  breaks: ["DISC-005"],
  deform: (conforming) => demanding(conforming, () => true),
});

export const deployedPeersMayOnlyRead = mutant({
  name: "deployed-peers-may-only-read",
  story: "Writes without a version were thought too risky.",
  breaks: ["DISC-005"],
  deform: (conforming) => demanding(conforming, (endpoint) => endpoint === "push" || endpoint === "batch"),
});

export const statusDemandsAVersion = mutant({
  name: "status-demands-a-version",
  story: "Status is new to this server, and no deployed client was thought to ask for it.",
  breaks: ["DISC-005"],
  deform: (conforming) => demanding(conforming, (endpoint) => endpoint === "status"),
});

export const noVersionMeansTheNewest = mutant({
  name: "no-version-means-the-newest",
  story: "An absent header gets the newest version as its default.",
  breaks: ["DISC-005", "ORD-012"],
  deform: (conforming) => ({
    ...conforming,
    negotiateVersion(context) {
      conforming.negotiateVersion(context);
      return true;
    },
  }),
});
