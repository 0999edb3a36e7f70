import { env as bindings } from "cloudflare:workers";
import { Hono, type Context } from "hono";
import { formatInstant } from "../spec/rules/instant.ts";
import { upgradeRequest, UserObject } from "./adapters/durable-object.ts";
import { respond, respondToError } from "./core/answer.ts";
import { authenticate } from "./core/auth.ts";
import { ConfigError, readLimits, readOrigins, readSecret } from "./core/config.ts";
import { addCors, preflight } from "./core/cors.ts";
import { discovery } from "./core/discovery.ts";
import { StorageError } from "./core/ports.ts";
import { Problem } from "./core/problem.ts";
import type { Endpoint } from "./core/user-sync.ts";
import { judgeUpgrade } from "./core/realtime/upgrade.ts";
import { log, moveClock, time, type Env } from "./env.ts";

export { UserObject };

// Before anything is answered: what comes back after a restart goes on in the time that it had.
const { CLOCK_AHEAD_MS: aheadMs } = bindings as Env;
if (aheadMs !== undefined) moveClock(bindings as Env, Number(aheadMs), 0);

type Settings = ReturnType<typeof settingsOf>;
type Bindings = { Bindings: Env; Variables: { settings: Settings } };

const app = new Hono<Bindings>();

app.use(async (context, next) => {
  context.set("settings", readSettings(context.env));
  await next();
  // The other end of a socket can't be copied, and nobody reads its headers.
  if (context.res.status === 101) return;
  // Answers of the Durable Object come with headers that can't be changed.
  context.res = new Response(context.res.body, context.res);
  addCors(context.res.headers, context.req.raw.headers, context.get("settings").origins);
});

app.onError((error) => respondToError(error, log));
app.notFound(() =>
  respondToError(
    new Problem("NOT_FOUND", "This path is not an endpoint; see /.well-known/mirubato-sync."),
    log,
  ),
);

for (const endpoint of ["pull", "push", "batch"] as const)
  route("POST", `/api/sync/${endpoint}`, sync(endpoint));
route("GET", "/api/sync/status", sync("status"));

route("GET", "/sync/ws", async (context) => {
  const { url, raw } = context.req;
  const upgrade = await judgeUpgrade(new URL(url), raw.headers, context.get("settings"));
  return context.env.USERS.get(context.env.USERS.idFromName(upgrade.user))
    .fetch(upgradeRequest(upgrade))
    .catch(failedObject);
});

route("GET", "/.well-known/mirubato-sync", (context) =>
  answer(discovery(new URL(context.req.url).origin, context.get("settings").limits)),
);

route("GET", "/health", (context) =>
  answer({
    service: "mirubato-sync",
    status: "healthy",
    timestamp: formatInstant(context.get("settings").clock()),
  }),
);

export default app;

/** A path with its one method, its preflight, and its refusal of all other methods. */
function route(
  method: "GET" | "POST",
  path: string,
  handler: (context: Context<Bindings>) => Response | Promise<Response>,
): void {
  const methods = method === "GET" ? ["GET", "HEAD", "OPTIONS"] : [method, "OPTIONS"];
  app.on(method, path, handler);
  app.options(path, (context) =>
    preflight(context.req.raw.headers, context.get("settings").origins, methods),
  );
  app.all(path, () => {
    throw new Problem("METHOD_NOT_ALLOWED", `This path takes ${methods.join(", ")}.`, {
      headers: { allow: methods.join(", ") },
    });
  });
}

/** A call that needs a user: the token is judged here, the rest by the user's own object. */
function sync(endpoint: Endpoint) {
  return async (context: Context<Bindings>): Promise<Response> => {
    const request = context.req.raw;
    const user = await authenticate(request.headers, context.get("settings"));
    const object = context.env.USERS.get(context.env.USERS.idFromName(user));
    try {
      return await object.handle(user, endpoint, withoutCredentials(request));
    } catch (error) {
      return failedObject(error);
    }
  };
}

function failedObject(error: unknown): never {
  throw isPassing(error) ? new StorageError(`the user's object: ${(error as Error).message}`) : error;
}

/** The object was moved, reset or has too much to do: the platform says of such errors that they pass. */
function isPassing(error: unknown): boolean {
  const { retryable, overloaded, durableObjectReset } = error as Record<string, unknown>;
  return retryable === true || overloaded === true || durableObjectReset === true;
}

/** The token has done its work; what does not travel on can't be logged further down. */
function withoutCredentials(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete("authorization");
  headers.delete("cookie");
  return new Request(request, { headers });
}

function answer(body: object): Response {
  return respond({ status: 200, body: JSON.stringify(body) });
}

function settingsOf(env: Env) {
  return {
    secret: readSecret(env.JWT_SECRET, env.ENVIRONMENT !== "development"),
    origins: readOrigins(env.ALLOWED_ORIGINS),
    limits: readLimits(env.LIMITS, env.ENVIRONMENT === "production"),
    clock: time.now,
  };
}

const settingsByEnv = new WeakMap<Env, Settings>();

/** Read once for each process. A server that is not set up right serves nobody: the operator reads why in the log, the peer that it should come back. */
function readSettings(env: Env): Settings {
  try {
    const settings = settingsByEnv.get(env) ?? settingsOf(env);
    settingsByEnv.set(env, settings);
    return settings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log(`refusing to serve: ${error.message}`);
    throw new Problem("UNAVAILABLE", "This server is not set up; its operator finds the reason in its log.", {
      headers: { "retry-after": "60" },
    });
  }
}
