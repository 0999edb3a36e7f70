import type { Options } from "../../reference-client/index.ts";

/**
 * A replica that no other program shares. Files take a moment until the client begins to sync: what is asked for right after it was opened
 * waits for that.
 */
export const alone: NonNullable<Options["tabs"]> = (_, __, events) => {
  const begun = Promise.withResolvers<void>();
  return {
    join: () => events.lead(),
    tellReport() {
      if (events.report() !== undefined) begun.resolve();
    },
    async ask(what) {
      await begun.promise;
      await events.asked(what);
    },
    tellCommitted() {},
    tellSignedOut() {},
    close: () => begun.resolve(),
  };
};
