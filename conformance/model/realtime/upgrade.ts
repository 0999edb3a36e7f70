import type { Answer } from "../answer.ts";
import type { Context } from "../context.ts";
import { ring } from "./alarm.ts";
import { forget } from "./connection.ts";
import type { Connection, Wire } from "./connection.ts";
import type { Receiver } from "./pair.ts";
import { receive } from "./receive.ts";
import { Refusal } from "../refusal.ts";

/** An upgrade that the server agrees to; `attach` makes the connection and greets it. */
export interface Accepted {
  /** The selected subprotocol, "" for none. */
  protocol: string;
  attach(wire: Wire): Receiver;
}

/** The order of judgement of a request for a socket (AUTH-016). 101: the server agrees. */
export async function openSocket(context: Context): Promise<Answer> {
  const { behaviour } = context;
  if (!behaviour.isUpgrade(context)) {
    throw new Refusal("UPGRADE_REQUIRED", "this is the address of a WebSocket; ask for the upgrade", {
      headers: { upgrade: "websocket" },
    });
  }
  const { userId, token } = behaviour.socketCredentials(context);
  context.claims = await behaviour.authenticateSocket(context, token);
  context.user = behaviour.openUser(context, behaviour.userOf(context, context.claims));
  behaviour.checkSocketUser(context, userId);
  behaviour.checkConnections(context);
  return { status: 101, headers: {}, body: new Uint8Array(), refused: false };
}

/** The connection of an upgrade that was answered with 101. */
export function accept(context: Context): Accepted {
  const { behaviour, server } = context;
  return {
    protocol: behaviour.selectProtocol(context),
    attach(wire) {
      const connection = newConnection(context, wire);
      // What was judged may not hold any more: others were opened, or the server restarted.
      const late = server.life !== context.life ? 1012 : behaviour.hasRoom(context) ? undefined : 4429;
      server.connections.add(connection);
      if (late !== undefined) behaviour.closeSocket(context, connection, late, "too late");
      ring(connection);
      behaviour.greet(context, connection);
      return {
        frame: (incoming) => receive(connection, incoming),
        closed(code) {
          connection.memory.set("closed", code);
          forget(connection);
        },
      };
    },
  };
}

function newConnection(context: Context, wire: Wire): Connection {
  return {
    id: context.behaviour.connectionId(context),
    userId: context.user.id,
    context,
    wire,
    claims: context.claims,
    announced: undefined,
    deviceId: undefined,
    watermark: null,
    heardAt: context.server.now(),
    catchingUp: false,
    open: true,
    backlog: 0,
    unsent: 0,
    judged: Promise.resolve(),
    allowance: undefined,
    memory: new Map(),
    onDrained: [],
    alarm: undefined,
  };
}
