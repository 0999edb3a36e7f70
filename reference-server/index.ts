/**
 * The server without its platform, for a host of your own: the core, its ports, and the storages. Runs wherever there is Web Crypto.
 * The Worker as it is deployed is `worker.ts`; the server on this machine, `serve.ts`.
 */
export { UserSync, type Endpoint, type Ports } from "./core/user-sync.ts";
export {
  StorageError,
  type Clock,
  type Commit,
  type Identity,
  type Log,
  type RandomBytes,
  type Storage,
  type Visit,
  type Witness,
  type WitnessStore,
} from "./core/ports.ts";
export type { Grant, Socket, Sockets, VerifyToken } from "./core/realtime/ports.ts";
export { judgeUpgrade, type Upgrade } from "./core/realtime/upgrade.ts";
export { authenticate, verifyToken } from "./core/auth.ts";
export { respond, respondToError } from "./core/answer.ts";
export { ConfigError, readLimits, readOrigins, readSecret } from "./core/config.ts";
export { addCors, preflight } from "./core/cors.ts";
export { discovery } from "./core/discovery.ts";
export { Problem } from "./core/problem.ts";
export { D1Storage } from "./adapters/d1.ts";
export { MemoryStorage } from "./adapters/memory.ts";
