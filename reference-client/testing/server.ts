import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { SignJWT, type JWTPayload } from "jose";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";

/** A server that a test has started, by the command that anyone would use. */
export interface TestServer {
  url: string;
  port: number;
  /** Ends at once, with all that it had. */
  kill(): Promise<void>;
}

/** Starts `mirubato-sync serve`, or with `--model` the model, which is there at once and forgets everything at its end. */
export async function startServer(...args: string[]): Promise<TestServer> {
  const port = args.includes("--port") ? [] : ["--port", "0"];
  // The reference server is what the build has made of it; the model is its source.
  const program = args.includes("--model") ? "bin/mirubato-sync.ts" : "dist/bin/mirubato-sync.js";
  const child = spawn(process.execPath, [program, "serve", ...port, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const url = await addressOf(child);
  return {
    url,
    port: Number(new URL(url).port),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      // The whole group: workerd outlives its parent.
      process.kill(-child.pid!, "SIGKILL");
      await ended;
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error("the server ended before it said where it is");
}

/** A token that a server with the development secret takes. */
export function tokenFor(user: string, claims: JWTPayload = {}): Promise<string> {
  return new SignJWT({ exp: Math.floor(Date.now() / 1000) + 3600, jti: crypto.randomUUID(), ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .sign(new TextEncoder().encode(DEVELOPMENT_SECRET));
}
