import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isAlive, pidFileOf } from "../start-checks.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LONGEST_DEATH_MS = 10_000;
const LIMITS = ["--limits", '{"requestBurst":null}'];

/** A server as its users run it: started by command, and killed without a word. */
export interface SoakServer {
  url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Ends it the orderly way and starts it again. */
  restart(): Promise<void>;
  /** Throws the user's object out of memory. */
  evict(user: string): Promise<void>;
  /** Ends it the orderly way. */
  stop(): Promise<void>;
}

/** `dist` `serve --persist`, in a process group of its own, which is killed as a whole, workerd included. */
export async function servedFromDist(persist: string): Promise<SoakServer> {
  const port = await freePort();
  const command = [
    join(ROOT, "dist/bin/mirubato-sync.js"),
    "serve",
    "--control",
    "--port",
    `${port}`,
    "--persist",
    persist,
  ];
  let child: ChildProcess;
  let tell: Tell;
  return {
    url: `http://127.0.0.1:${port}`,
    async start() {
      child = spawn(process.execPath, [...command, ...LIMITS], {
        detached: true,
        stdio: ["pipe", "pipe", "pipe"],
      });
      tell = controlOf(child);
      await untilServing(child);
    },
    restart: () => tell("restart"),
    evict: (user) => tell("evict", { user }),
    async kill() {
      const workerd = workerdOf(persist);
      const ended = once(child, "exit");
      process.kill(-child.pid!, "SIGKILL");
      await ended;
      // A killed process takes its time to give its memory back; one that was not killed would serve on for good.
      for (
        const end = Date.now() + LONGEST_DEATH_MS;
        workerd !== undefined && isAlive(workerd);
        await delay(20)
      ) {
        if (Date.now() > end) throw new Error(`workerd (process ${workerd}) outlived the kill of its group`);
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** The in-memory model, conforming or as a mutant; its control command throws away what it has not stored. */
export async function servedModel(mutant: string | undefined): Promise<SoakServer> {
  const port = await freePort();
  const command = [join(ROOT, "bin/mirubato-sync.ts"), "serve", "--model", "--control", "--port", `${port}`];
  const child = spawn(
    process.execPath,
    [...command, ...LIMITS, ...(mutant === undefined ? [] : ["--mutant", mutant])],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  const tell = controlOf(child);
  await untilServing(child);
  return {
    url: `http://127.0.0.1:${port}`,
    start: async () => {},
    kill: () => tell("kill"),
    restart: () => tell("restart"),
    evict: (user) => tell("evict", { user }),
    async stop() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}

type Tell = (verb: string, params?: object) => Promise<void>;

/** Speaks the control protocol with a server, one thing at a time. */
function controlOf(child: ChildProcess): Tell {
  const answers = createInterface(child.stdout!);
  // What is written to a server that was killed is lost with it.
  child.stdin!.on("error", () => undefined);
  return async (verb, params = {}) => {
    const answered = once(answers, "line");
    child.stdin!.write(`${JSON.stringify({ id: 1, verb, params })}\n`);
    const [line] = (await answered) as [string];
    const { ok, error } = JSON.parse(line) as { ok: boolean; error?: string };
    if (!ok) throw new Error(`${verb}: ${error}`);
  };
}

/** With --control the line is on stderr. Rejects with the command's own words if it ends instead. */
async function untilServing(child: ChildProcess): Promise<void> {
  let words = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      words += chunk.toString();
      if (/ at http:\/\//.test(words)) resolve();
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`the server did not start (exit code ${code}): ${words.trim()}`)),
    );
  });
}

/** Undefined while the server is only starting. */
function workerdOf(persist: string): number | undefined {
  const file = pidFileOf(persist);
  return existsSync(file) ? Number.parseInt(readFileSync(file, "utf8"), 10) : undefined;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
