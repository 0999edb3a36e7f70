/** The hooks as Node loads them, to say how to install React where it is missing: it is an optional peer. Bundlers take `react.ts` as it stands. */
const hooks = await import("./react.ts").catch((error: unknown) => {
  if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
  throw new Error("mirubato-sync/client/react needs React: npm install react");
});
export const { useEntities, useEntity, useSyncStatus } = hooks;
