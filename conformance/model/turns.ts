import type { Context } from "./context.ts";

/** Enough for a token to be verified on a busy machine; a bound, so that steady traffic starves no write. */
const MOST_ROUNDS = 1_000;

/**
 * Waits as for a store: until the requests that came in before have got as far as a lock or the store themselves. Twins that arrive at
 * once thus always meet there, whatever their tokens took to verify, so that a server without a lock always shows it.
 */
export async function turn(context: Context): Promise<void> {
  hasArrived(context);
  let rounds = 0;
  do {
    await new Promise((resolve) => setImmediate(resolve));
    rounds += 1;
  } while (context.server.arriving > 0 && rounds < MOST_ROUNDS);
}

/** The request has got as far as a lock or the store, or to its end. */
export function hasArrived(context: Context): void {
  if (!context.arriving) return;
  context.arriving = false;
  context.server.arriving -= 1;
}
