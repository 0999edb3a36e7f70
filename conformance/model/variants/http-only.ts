import { variant } from "../variant.ts";

export const httpOnly = variant({
  name: "http-only",
  story: "A server behind a platform that knows no sockets: a client that speaks only HTTP is complete.",
  uses: [{ freedom: "the profile realtime is not offered", of: ["DISC-002", "HTTP-002"] }],
  options: { profiles: ["http"] },
  deform: (conforming) => conforming,
});
