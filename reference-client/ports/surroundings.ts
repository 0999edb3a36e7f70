/** What the platform says about the network. Hints, never proofs: nothing is skipped for good because of them. */
export interface Surroundings {
  /** `navigator.onLine`, where there is one: true does not mean that the server can be reached. */
  online(): boolean;
  /** Whether the connection is known to be metered or slow; false where that is not known. For auto-sync `wifi-only`. */
  metered(): boolean;
  /** Calls when it may be worth trying again: back online, awake, visible, another network. Returns what stops that. */
  listen(changed: () => void): () => void;
}

/** A platform that says nothing. */
export const unknownSurroundings: Surroundings = {
  online: () => true,
  metered: () => false,
  listen: () => () => {},
};
