import type { ClientBehaviour } from "./behaviour.ts";
import type { Context } from "./context.ts";
import { tally } from "./mutant.ts";

/** A client that does `begin` once in each life, before anything else: for what a restart does to it. */
export function atStart(
  conforming: ClientBehaviour,
  name: string,
  begin: (context: Context) => void,
): ClientBehaviour {
  return {
    ...conforming,
    acceptsToken(context, token) {
      if (tally(context, `start of ${name}`) === 1) begin(context);
      return conforming.acceptsToken(context, token);
    },
  };
}
