/** The contracts: each published type as a TypeBox schema and its TypeScript type, the closed lists, and the precompiled validators. */
export { SCHEMA_NAMES, SCHEMAS, type SchemaName } from "./registry.ts";
export { MAX_VIOLATIONS, validate, violationsOf, type Validator, type Violation } from "./validators.ts";
export {
  COLLECTIONS,
  ENTITY_TYPES,
  entityTypeOf,
  isEntityType,
  isMember,
  memberOf,
  MEMBERS,
  type EntityType,
  type Member,
} from "./collections.ts";
export { CLOSE_CODES, type CloseCode } from "./close-codes.ts";
export {
  ERROR_CODES,
  ITEM_ERRORS,
  MESSAGE_ERRORS,
  REQUEST_ERRORS,
  type ErrorCode,
  type ItemErrorCode,
  type MessageErrorCode,
  type RequestErrorCode,
} from "./error-codes.ts";
export { effectiveLimits, LIMITS, REFERENCE_LIMITS, type LimitName, type Limits } from "./limits.ts";
export { isJsonObject, type Json, type JsonObject } from "./json.ts";
export { ENTITIES, type Entities } from "./entities/index.ts";
export type { Goal } from "./entities/goal.ts";
export type { LogbookEntry } from "./entities/logbook-entry.ts";
export type { PlanOccurrence } from "./entities/plan-occurrence.ts";
export type { PlanTemplate } from "./entities/plan-template.ts";
export type { PracticePlan } from "./entities/practice-plan.ts";
export type { RepertoireItem } from "./entities/repertoire-item.ts";
export type { UserPreferences } from "./entities/user-preferences.ts";
export type { Deletion } from "./entities/deletion.ts";
export type { Batch, BatchItem, BatchRequest, BatchResponse, BatchConflict } from "./http/batch.ts";
export type { DiscoveryResponse } from "./http/discovery.ts";
export type { RequestHeaders, ResponseHeaders } from "./http/headers.ts";
export type { PullRequest, PullResponse } from "./http/pull.ts";
export type { Push, PushConflict, PushRequest, PushResponse } from "./http/push.ts";
export type { HealthResponse, StatusResponse } from "./http/status.ts";
export type { ClientMessage, ServerMessage } from "./realtime/messages.ts";
export type { Meta } from "./meta.ts";
export type { Problem } from "./problem.ts";
export type { ErrorDetail, Result } from "./result.ts";
export type { ConformanceBaseline } from "./conformance-baseline.ts";
export type { ConformanceConfig } from "./conformance-config.ts";
export type { ConformanceResult } from "./conformance-result.ts";
export type { MutantsResult } from "./mutants-result.ts";
export type { AdapterAnswer, AdapterEvent, AdapterRequest } from "./adapter-messages.ts";
