import { SignJWT, type JWTPayload } from "jose";
import { bundleServer } from "../build.ts";
import { launch, type RunningServer, type ServeOptions } from "../serve.ts";

export const SECRET = "a secret of at least thirty-two bytes";

/** A server in workerd for the tests of one file. Ends with {@link RunningServer.close}. */
export async function startTestServer(options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  return launch(await bundleServer(), { jwtSecret: SECRET, ...options });
}

export async function tokenFor(user: string, claims: JWTPayload = {}, secret = SECRET): Promise<string> {
  return new SignJWT({ exp: Math.floor(Date.now() / 1000) + 3600, ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .sign(new TextEncoder().encode(secret));
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // Tests assert on what they read; a shape that is not there fails them.
  json: any;
}

export interface Sending {
  key?: string;
  /** Default true: the peer announces the protocol's version. */
  announced?: boolean;
  device?: string;
  headers?: Record<string, string>;
}

/** A device of a user, as the wire sees it. */
export interface TestUser {
  name: string;
  push(changes: Record<string, unknown>, sending?: Sending): Promise<Reply>;
  batch(entities: unknown, sending?: Sending): Promise<Reply>;
  pull(request?: Record<string, unknown>, sending?: Sending): Promise<Reply>;
  status(sending?: Sending): Promise<Reply>;
  send(method: string, path: string, body: BodyInit | undefined, sending?: Sending): Promise<Reply>;
}

let users = 0;

/** A user that nobody else has. */
export async function newUser(server: RunningServer, name = `user-${++users}`): Promise<TestUser> {
  const token = await tokenFor(name);
  const send: TestUser["send"] = (method, path, body, { key, announced = true, device, headers } = {}) =>
    fetchReply(server, path, {
      method,
      ...(body !== undefined && { body }),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(announced && { "x-sync-protocol": "1" }),
        ...(key !== undefined && { "x-idempotency-key": key }),
        ...(device !== undefined && { "x-device-id": device }),
        ...headers,
      },
    });
  const post = (path: string, body: unknown, sending?: Sending) =>
    send("POST", path, JSON.stringify(body), sending);
  return {
    name,
    push: (changes, sending) => post("/api/sync/push", { changes }, sending),
    batch: (entities, sending) => post("/api/sync/batch", { entities }, sending),
    pull: (request = {}, sending) => post("/api/sync/pull", request, sending),
    status: (sending) => send("GET", "/api/sync/status", undefined, sending),
    send,
  };
}

export async function fetchReply(
  server: RunningServer,
  path: string,
  init: RequestInit = {},
): Promise<Reply> {
  const response = await fetch(server.url + path, init);
  const text = await response.text();
  const isJson = text !== "" && (response.headers.get("content-type") ?? "").includes("json");
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

/** A goal, stamped so many seconds after a fixed past instant. */
export function goal(id: string, second = 0, more: Record<string, unknown> = {}) {
  return {
    id,
    title: `goal ${id}`,
    updatedAt: new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString(),
    ...more,
  };
}

export function goals(count: number, prefix = "g") {
  return Array.from({ length: count }, (_, index) => goal(`${prefix}${index}`));
}
