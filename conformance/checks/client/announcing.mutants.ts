import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import { clientMutant } from "../../model-client/mutant.ts";

type Headers = ClientBehaviour["headers"];

/** Without the announcement, where `leaves` says so. */
function silent(
  conforming: ClientBehaviour,
  leaves: (...call: Parameters<Headers>) => boolean,
): ClientBehaviour {
  return {
    ...conforming,
    headers(...call) {
      const { "x-sync-protocol": version, ...headers } = conforming.headers(...call);
      return leaves(...call) ? headers : { ...headers, "x-sync-protocol": version! };
    },
  };
}

export const announcesNothing = clientMutant({
  name: "announces-nothing",
  story: "It was written against a deployed server, which never asked for a version.",
  breaks: ["CLI-001"],
  deform: (conforming) => silent(conforming, () => true),
});

export const announcesWithWritesOnly = clientMutant({
  name: "announces-with-writes-only",
  story: "The header was added next to the idempotency key, and reading has no such place.",
  breaks: ["CLI-001"],
  deform: (conforming) => silent(conforming, (_context, call) => call !== "push"),
});

export const announcesTheFirstAttemptOnly = clientMutant({
  name: "announces-the-first-attempt-only",
  story: "The queue keeps the body and the key of a request; what sends it again adds the token and no more.",
  breaks: ["CLI-001"],
  deform: (conforming) =>
    silent(conforming, ({ sendings }, _call, key) => key !== undefined && (sendings.get(key) ?? 0) > 0),
});

export const announcesItsOwnVersion = clientMutant({
  name: "announces-its-own-version",
  story: "Somebody took it for the version of the app.",
  breaks: ["CLI-001"],
  deform: (conforming) => ({ ...conforming, protocolVersion: () => "1.0" }),
});

export const announcesUntilItIsRestarted = clientMutant({
  name: "announces-until-it-is-restarted",
  story:
    "The header is a default that signing in sets on the HTTP library; a restored session never signs in.",
  breaks: ["CLI-001"],
  deform: (conforming) => ({
    ...silent(conforming, ({ store, scratch }) => store.scratch.has("ran") && !scratch.has("first")),
    leads(context) {
      if (!context.store.scratch.has("ran")) context.scratch.set("first", true);
      context.store.scratch.set("ran", true);
      return conforming.leads(context);
    },
  }),
});

export const asksForStatusBare = clientMutant({
  name: "asks-for-status-bare",
  story: "Whether the server is up is asked by a small function of its own, which adds the token alone.",
  breaks: ["CLI-001"],
  deform: (conforming) => silent(conforming, (_context, call) => call === "status"),
});
