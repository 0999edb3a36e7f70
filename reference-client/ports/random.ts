/** Chance, as the client sees it. */
export interface Random {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A text that no other call on any device returns: ids, idempotency keys. Visible ASCII, at most 64 characters. */
  unique(): string;
}

/** The platform's. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  unique: () => crypto.randomUUID(),
};
