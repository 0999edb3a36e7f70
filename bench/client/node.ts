import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timed } from "../../conformance/bench/timing.ts";
import { SyncClient } from "../../reference-client/index.ts";
import { fileStorage } from "../../reference-client/node.ts";
import { tokenFor } from "../../reference-client/testing/server.ts";
import { queue } from "./queue.ts";

/** Milliseconds. */
export interface NodeRound {
  flush: number;
  reopen: number;
  /** Reading and parsing the same files, and no more. */
  raw: number;
}

/** One round in this process, in a folder of its own: what waits is flushed, what is stored is opened again. */
export async function inNode(url: string, count: number, round: number): Promise<NodeRound> {
  const folder = await mkdtemp(join(tmpdir(), "mirubato-bench-"));
  const user = `node-${round}`;
  const token = await tokenFor(user);
  const open = (): Promise<SyncClient> =>
    SyncClient.open({
      url,
      user,
      token: () => token,
      storage: fileStorage({ folder }),
      settings: { autoSync: "never" },
    });
  try {
    const client = await open();
    await queue(client, count);
    const flush = await timed(() => client.flush());
    const left = client.pendingCount;
    await client.close();
    const raw = await timed(() => readLines(folder));
    let shown = 0;
    const reopen = await timed(async () => {
      const again = await open();
      shown = again.list("logbook_entry").length;
      await again.close();
    });
    if (left > 0 || shown !== count)
      throw new Error(`${count} written, ${left} left unsent, ${shown} shown again`);
    return { flush, reopen, raw };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readLines(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8");
    for (const line of text.split("\n")) if (line.startsWith("{") || line.startsWith("[")) JSON.parse(line);
  }
}
