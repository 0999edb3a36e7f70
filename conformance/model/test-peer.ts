import { signJwt } from "../wire/jwt.ts";
import type { Dial } from "../drivers/socket.ts";
import type { HttpResponse } from "../drivers/transport.ts";
import type { Model } from "./model.ts";

/** What the tests of the model sign tokens with. */
export const SECRET = "a secret that only the tests of the model know";

/** One moment of server time: 2026-03-01T10:00:00.000Z. */
export const NOW = 1_772_359_200_000;

/** An answer, parsed. */
export interface Told {
  status: number;
  headers: Record<string, string>;
  // Tests look at a few members of many shapes, and assert each of them.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

/** How a request of a test differs from the ordinary one. */
export interface Unusual {
  headers?: Record<string, string | undefined>;
  key?: string;
  claims?: Record<string, unknown>;
  method?: string;
  /** Sent as it is, in place of JSON. */
  text?: string;
}

/** A user's device that calls a model directly. `announced: false`: a deployed one. */
export function peer(model: Model, user: string, { announced = true }: { announced?: boolean } = {}) {
  const token = (claims: Record<string, unknown> = {}): string =>
    signJwt(
      { alg: "HS256", typ: "JWT" },
      { sub: user, exp: Math.floor(model.now() / 1000) + 3600, ...claims },
      SECRET,
    );
  const call = async (path: string, json: unknown, unusual: Unusual = {}): Promise<Told> => {
    const { text = json === undefined ? "" : JSON.stringify(json), key } = unusual;
    const headers: Record<string, string | undefined> = {
      authorization: `Bearer ${token(unusual.claims)}`,
      ...(text === "" ? {} : { "content-type": "application/json" }),
      ...(announced ? { "x-sync-protocol": "1" } : {}),
      ...(key === undefined ? {} : { "x-idempotency-key": key }),
      ...unusual.headers,
    };
    const sent = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return told(
      await model.handle({
        method: unusual.method ?? (json === undefined && unusual.text === undefined ? "GET" : "POST"),
        path,
        headers: Object.fromEntries(sent),
        ...(text === "" ? {} : { body: new TextEncoder().encode(text) }),
      }),
    );
  };
  return {
    call,
    token,
    push: (changes: unknown, unusual?: Unusual) => call("/api/sync/push", { changes }, unusual),
    batch: (entities: unknown, unusual?: Unusual) => call("/api/sync/batch", { entities }, unusual),
    pull: (query: unknown = {}, unusual?: Unusual) => call("/api/sync/pull", query, unusual),
    /** Opens a socket, and takes WELCOME off it. */
    async connect() {
      const live = await socketOf(model.dial, `/sync/ws?userId=${user}&token=${token()}`);
      await live.next();
      return live;
    },
    status: (unusual?: Unusual) => call("/api/sync/status", undefined, unusual),
  };
}

function told({ status, headers, body }: HttpResponse): Told {
  const text = new TextDecoder().decode(body);
  return { status, headers, body: text === "" ? undefined : JSON.parse(text) };
}

/** A user's socket to a model, with what came on it and was not taken yet. */
export async function socketOf(dial: Dial, path: string, protocols?: readonly string[]) {
  const opened = await dial({ path, headers: {}, ...(protocols ? { protocols } : {}) });
  if ("status" in opened) throw new Error(`refused with ${opened.status}`);
  // Tests look at a few members of many shapes, and assert each of them.
  // oxlint-disable-next-line typescript/no-explicit-any
  const frames: any[] = [];
  const waiting: (() => void)[] = [];
  let closed: number | undefined;
  const wake = (): void => waiting.splice(0).forEach((resolve) => resolve());
  opened.onFrame = (data) => {
    frames.push(JSON.parse(String(data)));
    wake();
  };
  opened.onClose = (code) => {
    closed = code;
    wake();
  };
  return {
    socket: opened,
    frames,
    send: (message: unknown) => opened.send(JSON.stringify(message)),
    /** The next frame. @throws Error where the socket closed instead. */
    async next() {
      while (frames.length === 0) {
        if (closed !== undefined) throw new Error(`closed with ${closed}`);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      return frames.shift();
    },
    /** The frames up to the first of a type, that one included. */
    async through(type: string) {
      const taken = [];
      do taken.push(await this.next());
      while (taken.at(-1).type !== type);
      return taken;
    },
    /** The code that the socket closes with. */
    async closed() {
      while (closed === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      return closed;
    },
  };
}
