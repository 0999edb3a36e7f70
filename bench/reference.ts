import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { scratchFolder } from "../conformance/subject/scratch.ts";
import { BenchServer } from "../conformance/bench/server.ts";
import { doorstep } from "../conformance/run/doorstep.ts";
import { readSettings } from "../conformance/run/settings.ts";
import { openSubject } from "../conformance/subject/open.ts";
import type { Subject } from "../conformance/bench/result.ts";
import { bundleServer } from "../reference-server/build.ts";
import { launch } from "../reference-server/serve.ts";
import { DEVELOPMENT_SECRET } from "../spec/development-secret.ts";
import { residentBytes, workerds } from "./memory.ts";
import { RawClient } from "./raw/client.ts";
import { startRaw } from "./raw/start.ts";

export const REFERENCE: Subject = {
  id: "reference-server",
  name: "Reference server",
  about:
    "This project's Worker: a Durable Object for each user, D1 is the truth. As it is deployed, its rate limits switched off.",
  durability:
    "In D1 in one transaction with versions, the log and the record for a retry, before it answers or tells anybody.",
};

/** Both need room for 50 devices and are asked faster than any device would. */
const LIMITS = { requestBurst: null, messageBurst: null, maxConnections: 64 };

/** The reference server and the raw limits, each in a workerd of its own with its data in a folder on the same disk. */
export async function openServers(nonce: string, signal: AbortSignal) {
  const folder = scratchFolder();
  const closing = [async () => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const one of closing.toReversed()) await one();
  };
  try {
    const assets = await bundleServer();
    const before = await workerds();
    const reference = await launch(assets, {
      jwtSecret: DEVELOPMENT_SECRET,
      limits: LIMITS,
      persist: join(folder, "reference"),
    });
    closing.push(reference.close);
    const [referencePid] = (await workerds()).filter((pid) => !before.includes(pid));
    const raw = await startRaw(join(folder, "raw"), assets.bindings.compatibilityDate);
    closing.push(raw.close);
    const [rawPid] = (await workerds()).filter((pid) => !before.includes(pid) && pid !== referencePid);

    const open = await openSubject(readSettings({ url: reference.url }, {}, folder), signal);
    closing.push(open.close);
    await doorstep(open.subject, { nonce, signal });
    const client = new RawClient(raw.url);
    closing.push(() => client.close());
    return {
      reference: new BenchServer(open.subject, nonce),
      raw: client,
      memory: {
        reference: () => residentBytes(referencePid!),
        raw: () => residentBytes(rawPid!),
      },
      versions: { workerd: versionOf("workerd"), miniflare: versionOf("miniflare") },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}
