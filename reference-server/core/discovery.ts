import type { DiscoveryResponse } from "../../schemas/http/discovery.ts";
import type { Limits } from "../../schemas/limits.ts";
import { VERSIONS } from "./request.ts";

/** The discovery document (spec/discovery.md). `origin` is the address by which the peer reached the server. */
export function discovery(origin: string, limits: Limits): DiscoveryResponse {
  return {
    protocol: "mirubato-sync",
    versions: [...VERSIONS],
    profiles: ["http", "realtime"],
    endpoints: { http: origin, ws: `${origin.replace(/^http/, "ws")}/sync/ws` },
    limits,
  };
}
