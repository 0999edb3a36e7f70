import { variant } from "../variant.ts";

const HOUR_MS = 3_600_000;
const SOCKET = "/live/v7/socket";

export const elsewhere = variant({
  name: "elsewhere",
  story:
    "A platform that has its sockets elsewhere and drops them when it moves house, with a clock of its own.",
  uses: [
    { freedom: "the address of the socket", of: ["DISC-002", "AUTH-016"] },
    { freedom: "the server's own clock", of: ["ORD-012", "ORD-014"] },
    { freedom: "eviction closes sockets, since their watermarks are lost", of: ["RT-025", "RT-040"] },
    { freedom: "a restart closes sockets with another code", of: ["RT-040"] },
    { freedom: "HEAD is answered as GET is", of: ["HTTP-003"] },
    { freedom: "a preflight is answered with 200", of: ["CORS-003"] },
    { freedom: "other origins are told the one that is allowed", of: ["CORS-002"] },
  ],
  clockMs: HOUR_MS,
  deform: (conforming) => ({
    ...conforming,
    route: (context) => {
      if (context.path === "/sync/ws") return undefined;
      if (context.path !== SOCKET) return conforming.route(context);
      return conforming.route({ ...context, path: "/sync/ws" });
    },
    wsEndpoint: (context) => `${conforming.httpEndpoint(context).replace(/^http/, "ws")}${SOCKET}`,
    evict: (server) => {
      conforming.evict(server);
      for (const connection of server.connections)
        server.behaviour.closeSocket(connection.context, connection, 1012, "");
    },
    endSockets: (server) => {
      for (const connection of server.connections)
        server.behaviour.closeSocket(connection.context, connection, 1001, "moving house");
    },
    methodsOf: (context, endpoint) => {
      const methods = conforming.methodsOf(context, endpoint);
      return methods.includes("GET") && endpoint !== "socket" ? [...methods, "HEAD"] : methods;
    },
    corsHeaders: (context) => ({
      ...(context.server.origins[0] === undefined
        ? {}
        : {
            "access-control-allow-origin": context.server.origins[0],
            "access-control-allow-credentials": "true",
          }),
      ...conforming.corsHeaders(context),
    }),
    preflight: (context, endpoint) => ({
      ...conforming.preflight(context, endpoint),
      status: 200,
      body: new TextEncoder().encode("ok"),
    }),
  }),
});
