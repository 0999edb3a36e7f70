import type { JsonObject } from "../../../schemas/json.ts";
import type { SocketRequest } from "../../drivers/socket.ts";
import type { Context } from "../context.ts";

/** What every request and message says of the client. */
export interface AnnouncingSteps {
  /** The version that is announced (CLI-001). */
  protocolVersion(context: Context): string;
  /** The headers of a request; `key` is its idempotency key. Names in lower case. */
  headers(context: Context, call: Call, key: string | undefined): Record<string, string>;
  /** How a socket is asked for. */
  socketRequest(context: Context): SocketRequest;
  /** A message as it goes out; not of a heartbeat. */
  frame(context: Context, message: JsonObject): string;
  /** The heartbeat's frame: these exact bytes (RT-034). */
  pingFrame(context: Context): string;
}

export type Call = "pull" | "push" | "batch" | "status";

export const announcing: AnnouncingSteps = {
  protocolVersion: () => "1",

  headers(context, call, key) {
    const connection = context.session?.connectionId;
    return {
      authorization: `Bearer ${context.token ?? ""}`,
      "x-sync-protocol": context.behaviour.protocolVersion(context),
      "x-device-id": context.store.device,
      ...(call === "status" ? {} : { "content-type": "application/json" }),
      ...(key === undefined ? {} : { "x-idempotency-key": key }),
      ...((call === "push" || call === "batch") && connection ? { "x-connection-id": connection } : {}),
    };
  },

  // The token stays out of the address, which ends up in logs.
  socketRequest: ({ user, token }) => ({
    path: `/sync/ws?userId=${encodeURIComponent(user)}`,
    headers: {},
    protocols: ["mirubato.v1", `bearer.${token ?? ""}`],
  }),

  frame: (context, message) =>
    JSON.stringify({ ...message, protocol: context.behaviour.protocolVersion(context) }),

  pingFrame: () => '{"type":"PING"}',
};
