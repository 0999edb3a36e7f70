/** What checks read from answers. Every answer is held against the schemas first, so these members are there. */
import type { EntityType, Member } from "../schemas/collections.ts";
import type { JsonObject } from "../schemas/json.ts";

export interface Meta {
  entityType: EntityType;
  entityId: string;
  version: number;
  seq: number;
  updatedAt: string;
  deletedAt: string | null;
  checksum: string;
}

export interface ErrorDetail {
  pointer: string;
  code: string;
  detail: string;
}

export type Outcome = "applied" | "duplicate" | "superseded" | "refused";

export interface Result {
  pointer: string;
  entityType: EntityType | null;
  entityId: string | null;
  outcome: Outcome;
  code?: string;
  errors?: ErrorDetail[];
  serverTime?: string;
  meta?: Meta;
  item?: JsonObject | null;
}

export interface PushBody {
  success: boolean;
  syncToken: string;
  conflicts: { entityId: string | null; entityType: string | null; reason: string; code: string }[];
  stats: Record<string, number>;
  results: Result[];
  timestamp: string;
}

export interface BatchBody {
  uploaded: number;
  downloaded: number;
  conflicts: {
    entityId: string;
    entityType: EntityType;
    localVersion: number;
    remoteVersion: number;
    server: JsonObject | null;
  }[];
  newSyncToken: string;
  results: Result[];
  success: boolean;
  timestamp: string;
}

export type PullBody = Record<Member, JsonObject[]> & {
  deleted: Meta[];
  meta: Partial<Record<Member, Meta[]>>;
  mode: "full" | "delta";
  syncToken: string;
  epoch: string;
  lastSeq?: number;
  through?: number;
  hasMore: boolean;
  timestamp: string;
};

export interface StatusBody {
  lastSyncTime: string | null;
  syncToken: string;
  pendingChanges: 0;
  deviceCount: number;
  entityCount: number;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  error: string;
  errors?: ErrorDetail[];
  serverTime?: string;
  supported?: string[];
}

export interface DiscoveryBody {
  protocol: string;
  versions: string[];
  profiles: string[];
  endpoints: { http?: string; ws?: string };
  limits: Record<string, number>;
}

/** What a push says: items by member (`entries`, `goals`, …). */
export type Changes = Partial<Record<Member, JsonObject[]>>;

export interface BatchEntity {
  id: string;
  type: EntityType;
  data: JsonObject;
  checksum?: string;
  version?: number | null;
}
