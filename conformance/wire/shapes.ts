/** What checks read from answers: the types of the schemas, which every answer is held against first. */
import type { EntityType, Member } from "../../schemas/collections.ts";
import type { DiscoveryResponse } from "../../schemas/http/discovery.ts";
import type { PullResponse } from "../../schemas/http/pull.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Result } from "../../schemas/result.ts";

export type { BatchResponse as BatchBody } from "../../schemas/http/batch.ts";
export type { PushResponse as PushBody } from "../../schemas/http/push.ts";
export type { StatusResponse as StatusBody } from "../../schemas/http/status.ts";
export type { Meta } from "../../schemas/meta.ts";
export type { Problem } from "../../schemas/problem.ts";
export type { Result };

export type Outcome = Result["outcome"];

/** Items are read as free JSON: what a server does to members that no schema knows is half of what is checked. */
export type PullBody = Omit<PullResponse, Member> & Record<Member, JsonObject[]>;

/** A server without discovery is tested on what its operator declares, which has no endpoints. */
export type DiscoveryBody = Omit<DiscoveryResponse, "endpoints"> & {
  endpoints: Partial<DiscoveryResponse["endpoints"]>;
};

/** What a push says: items by member (`entries`, `goals`, …). */
export type Changes = Partial<Record<Member, JsonObject[]>>;

export interface BatchEntity {
  id: string;
  type: EntityType;
  data: JsonObject;
  checksum?: string;
  version?: number | null;
}
