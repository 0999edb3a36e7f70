import { readLimits } from "../core/config.ts";
import type { Storage, Witness } from "../core/ports.ts";
import { UserSync, type Endpoint } from "../core/user-sync.ts";

/** The protocol core in this process, over any storage: for what can't be seen or brought about through workerd. */
export function localUser(storage: Storage, name: string, now: () => number = Date.now, limits = {}) {
  let witness: Witness | undefined;
  const sync = new UserSync(
    {
      storage,
      witnesses: {
        read: async () => witness,
        write: async (next) => {
          witness = next;
        },
      },
      clock: now,
      random: (count) => crypto.getRandomValues(new Uint8Array(count)),
      log: () => {},
    },
    readLimits(JSON.stringify({ requestBurst: null, ...limits }), false),
  );
  return async (
    endpoint: Endpoint,
    body: unknown,
    headers: Record<string, string | undefined> = {},
  ): Promise<any> => {
    const given = { "content-type": "application/json", "x-sync-protocol": "1", ...headers };
    const sent = Object.entries(given).filter((each): each is [string, string] => each[1] !== undefined);
    const request = new Request(`https://sync.example/api/sync/${endpoint}`, {
      method: endpoint === "status" ? "GET" : "POST",
      headers: sent,
      ...(endpoint !== "status" && { body: JSON.stringify(body) }),
    });
    const response = await sync.handle(name, endpoint, request);
    return { status: response.status, headers: response.headers, json: await response.json() };
  };
}
