import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ORIGIN } from "../testing/chromium.ts";

/** The reference server, as anyone would start it. */
export interface SoakServer {
  url: string;
  /** Kills the runtime, and starts it again over the same data. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function startSoakServer(): Promise<SoakServer> {
  const words = ["bin/mirubato-sync.ts", "serve", "--port", "0", "--control", "--origin", ORIGIN];
  const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(child, "close");
  const told = Promise.withResolvers<string>();
  child.on("close", () => told.reject(new Error("the server ended before it said where it is")));
  createInterface({ input: child.stderr }).on("line", (line) => {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) told.resolve(url);
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let id = 0;
  return {
    url: await told.promise,
    async kill() {
      child.stdin.write(`${JSON.stringify({ id: ++id, verb: "kill" })}\n`);
      const { value } = await answers.next();
      const { ok, error } = JSON.parse(value as string) as { ok: boolean; error?: string };
      if (!ok) throw new Error(`the server could not be killed: ${error}`);
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

/** What the server has of a user's logbook: notes and versions by id; undefined while it is not there. */
export async function logbookOnServer(
  url: string,
  token: string,
): Promise<{ notes: Record<string, string>; versions: Record<string, number> } | undefined> {
  try {
    const response = await fetch(`${url}/api/sync/pull`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ types: ["logbook_entry"] }),
    });
    const { entries, meta } = (await response.json()) as {
      entries: { id: string; notes: string }[];
      meta: { entries: { entityId: string; version: number }[] };
    };
    return {
      notes: Object.fromEntries(entries.map(({ id, notes }) => [id, notes])),
      versions: Object.fromEntries(meta.entries.map(({ entityId, version }) => [entityId, version])),
    };
  } catch {
    return undefined;
  }
}
