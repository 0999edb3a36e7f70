/** What tabs tell each other. Structured-cloneable; one that a tab does not know is ignored. */
export interface TabMessage {
  kind: string;
  [member: string]: unknown;
}

/**
 * The tabs of one user on one device: they share a storage, and one of them, the leader, talks to the server (CLI-048).
 */
export interface Tabs {
  /** Asks to lead; `lead` is called once, as soon as no other tab does: at once, or when the leader is closed or has crashed. */
  campaign(lead: () => void): void;
  /** To all other tabs, in order. Not told to the sender. */
  post(message: TabMessage): void;
  /** What other tabs post from now on. Called once. */
  listen(hear: (message: TabMessage) => void): void;
  /** Stops leading, campaigning and listening. Idempotent. */
  close(): void;
}

/** Joins the tabs of a user. */
export type JoinTabs = (user: string) => Tabs;
