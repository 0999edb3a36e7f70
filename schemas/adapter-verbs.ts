/** The version of the adapter protocol: the first thing that an adapter says of itself. */
export const ADAPTER_PROTOCOL = "mirubato-sync adapter 1";

/** What an adapter may be asked for. Closed. */
export const ADAPTER_VERBS = [
  "capabilities",
  "open",
  "create",
  "update",
  "delete",
  "list",
  "pending",
  "dead-letters",
  "retry",
  "discard",
  "status",
  "report",
  "configure",
  "flush",
  "pull",
  "connect",
  "set-token",
  "offline",
  "online",
  "reload",
  "sleep",
  "sign-out",
  "close",
] as const;
export type AdapterVerb = (typeof ADAPTER_VERBS)[number];

/** Without these there is nothing to check. */
export const REQUIRED_VERBS = [
  "capabilities",
  "open",
  "create",
  "update",
  "delete",
  "list",
  "pending",
  "dead-letters",
  "status",
  "close",
] as const satisfies readonly AdapterVerb[];
