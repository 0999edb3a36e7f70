import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import type { Connection } from "../realtime/connection.ts";
import { Refusal } from "../refusal.ts";

/** Opening a socket: what is judged before the upgrade, and the greeting. */
export interface OpeningSteps {
  /** Whether a request asks for a WebSocket. */
  isUpgrade(context: Context): boolean;
  /** `userId` and token of the request; refuses with 400 where one is missing. */
  socketCredentials(context: Context): { userId: string; token: string };
  /** The token in the URL; undefined: none. */
  tokenOfQuery(context: Context): string | undefined;
  /** The token among the subprotocols; undefined: none. */
  tokenOfProtocols(context: Context): string | undefined;
  /** The claims of a good token; refuses any other with 401. */
  authenticateSocket(context: Context, token: string): Promise<JsonObject>;
  /** Refuses a `userId` that is not the token's subject with 403. */
  checkSocketUser(context: Context, userId: string): void;
  /** Whether the user may have one live socket more. */
  hasRoom(context: Context): boolean;
  /** Refuses one socket too many with 429. */
  checkConnections(context: Context): void;
  /** The subprotocol that is selected; "": none. */
  selectProtocol(context: Context): string;
  /** A new connection's id: that of no other live one. */
  connectionId(context: Context): string;
  /** What a new connection is told first. */
  greet(context: Context, connection: Connection): void;
  /** WELCOME, also after AUTH. */
  welcomeFrame(context: Context, connection: Connection): JsonObject;
}

const PROTOCOL = "mirubato.v1";
const BEARER = "bearer.";

export const opening: OpeningSteps = {
  isUpgrade: ({ upgrade }) => upgrade,

  socketCredentials(context) {
    const { behaviour } = context;
    const userId = context.query.get("userId") ?? "";
    if (userId === "") throw new Refusal("INVALID_REQUEST", "the query must have userId");
    const token = behaviour.tokenOfProtocols(context) ?? behaviour.tokenOfQuery(context);
    if (token !== undefined) return { userId, token };
    const detail = `send the token as subprotocol ${BEARER}<token> beside ${PROTOCOL}, or as token in the query`;
    throw new Refusal("INVALID_REQUEST", detail);
  },

  tokenOfQuery: ({ query }) => query.get("token") || undefined,

  tokenOfProtocols: ({ protocols }) =>
    protocols.find((name) => name.startsWith(BEARER))?.slice(BEARER.length) || undefined,

  async authenticateSocket(context, token) {
    const claims = await context.behaviour.verifySignature(context, token);
    context.behaviour.checkClaims(context, claims, token);
    return claims;
  },

  checkSocketUser({ user }, userId) {
    if (userId !== user.id) throw new Refusal("FORBIDDEN", "userId must be the subject of the token");
  },

  hasRoom: (context) => context.behaviour.audience(context).length < context.server.limits.maxConnections,

  checkConnections(context) {
    const { server, behaviour } = context;
    if (behaviour.hasRoom(context)) return;
    const most = server.limits.maxConnections;
    throw new Refusal("RATE_LIMITED", `a user may have ${most} live sockets; close one`, {
      headers: { "retry-after": behaviour.retryAfter(context, 30_000) },
    });
  },

  selectProtocol: ({ protocols }) => (protocols.includes(PROTOCOL) ? PROTOCOL : ""),

  connectionId({ server }) {
    server.sockets += 1;
    return `c${server.sockets}-${Math.floor(server.random() * 0x1_0000_0000).toString(36)}`;
  },

  greet(context, connection) {
    context.behaviour.send(context, connection, context.behaviour.welcomeFrame(context, connection));
  },

  welcomeFrame: (_context, { id }) => ({
    type: "WELCOME",
    message: "Connected",
    protocol: "1",
    connectionId: id,
  }),
};
