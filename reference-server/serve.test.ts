import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DEVELOPMENT_SECRET } from "../spec/development-secret.ts";
import { bundleServer } from "./build.ts";
import { launch, UsageError } from "./serve.ts";
import { fetchReply, goal, goals, newUser, SECRET, startTestServer } from "./testing/harness.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mirubato-serve-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("mistakes of whoever starts it", () => {
  test.each([
    [{ jwtSecret: "short" }, "JWT_SECRET has 5 bytes"],
    [{ jwtSecret: DEVELOPMENT_SECRET, host: "0.0.0.0" }, "public development secret"],
    [{ limits: { maxItem: 1 } }, 'no limit "maxItem"'],
    [{ origins: ["*"] }, "is not an origin"],
    [{ port: 70_000 }, "from 0 to 65535"],
    [{ persist: "/dev/null/data" }, "is in, a file: choose a directory"],
    [{ host: "192.0.2.1" }, "The host 192.0.2.1 is no address of this machine"],
  ])("%j is one line that says how to mend it", async (options, message) => {
    const error = await startTestServer(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain("\n");
  });

  test("a port in use is named", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as AddressInfo;
    await expect(startTestServer({ port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
    holder.close();
  });

  test("data that is being served is not served twice", async () => {
    const persist = join(folder, "twice");
    const server = await startTestServer({ persist });
    await expect(startTestServer({ persist })).rejects.toThrow("is served by process");
    await server.close();
  });
});

test("a server that is not set up right refuses everybody, with a line in the log", async () => {
  const assets = await bundleServer();
  const vars = { ...assets.bindings.vars, LIMITS: '{"maxItems": 0}' };
  const lines: string[] = [];
  const server = await launch(
    { ...assets, bindings: { ...assets.bindings, vars } },
    { jwtSecret: SECRET, log: (line) => lines.push(line) },
  );
  const reply = await fetchReply(server, "/health");
  expect([reply.status, reply.json.code]).toEqual([503, "UNAVAILABLE"]);
  await vi.waitFor(() => expect(lines.join("\n")).toContain("refusing to serve: LIMITS: maxItems"));
  await server.close();
});

test("data persists over a restart, keys and cursors included", async () => {
  const persist = join(folder, "restart");
  const first = await startTestServer({ persist });
  const before = await newUser(first, "user");
  const push = await before.push({ goals: goals(3) }, { key: "k" });
  const { syncToken } = (await before.pull()).json;
  await first.close();
  await expect(access(join(persist, "workerd.pid"))).rejects.toThrow("ENOENT");

  const second = await startTestServer({ persist });
  const after = await newUser(second, "user");
  expect((await after.push({ goals: goals(3) }, { key: "k" })).text).toBe(push.text);
  await after.push({ goals: [goal("new")] });
  expect((await after.pull({ since: syncToken })).json.goals).toEqual([goal("new")]);
  await second.close();
});

describe("a server that is killed outright", () => {
  /** A server in a process of its own, which prints its URL. */
  async function startProcess(persist: string) {
    const script = join(folder, "start.ts");
    const harness = fileURLToPath(new URL("testing/harness.ts", import.meta.url));
    await writeFile(
      script,
      `import { startTestServer } from ${JSON.stringify(harness)};
       const server = await startTestServer({ persist: ${JSON.stringify(persist)}, limits: { requestBurst: null } });
       console.log(server.url);`,
    );
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
    const [url] = (await once(createInterface(child.stdout), "line")) as [string];
    const kill = async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    return { url, kill };
  }

  test("leaves no workerd, and nothing acknowledged is lost or half there", { timeout: 60_000 }, async () => {
    const persist = join(folder, "killed");
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round++) {
      const { url, kill } = await startProcess(persist);
      const user = await newUser({ url } as Parameters<typeof newUser>[0], "user");
      const pid = Number(await readFile(join(persist, "workerd.pid"), "utf8"));
      const enough = Promise.withResolvers<void>();
      const writer = (async () => {
        for (let index = 0; ; index++) {
          const prefix = `r${round}p${index}-`;
          const reply = await user.push({ goals: goals(20, prefix) }, { key: prefix }).catch(() => undefined);
          if (reply?.status !== 200) return;
          acknowledged.push(prefix);
          if (index === 10) enough.resolve();
        }
      })();
      await enough.promise;
      await kill();
      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 5_000);
      await writer;
    }

    const server = await startTestServer({ persist, limits: { requestBurst: null } });
    const user = await newUser(server, "user");
    const { json } = await user.pull();
    const stored = json.goals.map((item: { id: string }) => item.id);
    const counts = new Map<string, number>();
    for (const id of stored) {
      const prefix = id.slice(0, id.indexOf("-") + 1);
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
    expect([...counts.values()].every((count) => count === 20)).toBe(true);
    expect(acknowledged.filter((prefix) => !counts.has(prefix))).toEqual([]);
    expect(new Set(json.meta.goals.map((meta: { seq: number }) => meta.seq)).size).toBe(stored.length);
    for (const prefix of acknowledged) {
      const replay = await user.push({ goals: goals(20, prefix) }, { key: prefix });
      expect(replay.headers.get("x-idempotent-replay")).toBe("true");
    }
    await server.close();
  });
});
