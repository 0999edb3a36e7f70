import type { TSchema } from "@sinclair/typebox";
import { AdapterAnswer, AdapterEvent, AdapterRequest } from "./adapter-messages.ts";
import { ConformanceBaseline } from "./conformance-baseline.ts";
import { ConformanceConfig } from "./conformance-config.ts";
import {
  CheckResult,
  HistoriesResult,
  ConformanceResult,
  RequirementResult,
  TranscriptEntry,
} from "./conformance-result.ts";
import { Deletion } from "./entities/deletion.ts";
import { ENTITIES } from "./entities/index.ts";
import { Batch, BatchConflict, BatchItem, BatchRequest, BatchResponse } from "./http/batch.ts";
import { DiscoveryResponse, Limits } from "./http/discovery.ts";
import { RequestHeaders, ResponseHeaders } from "./http/headers.ts";
import { PullRequest, PullResponse } from "./http/pull.ts";
import { Push, PushConflict, PushRequest, PushResponse } from "./http/push.ts";
import { HealthResponse, StatusResponse } from "./http/status.ts";
import { Meta } from "./meta.ts";
import { MutantsResult } from "./mutants-result.ts";
import { Problem } from "./problem.ts";
import { REALTIME } from "./realtime/index.ts";
import { ErrorDetail, Result } from "./result.ts";
import { CanonicalInstant, EntityId, Instant, InstantText } from "./scalars.ts";

/** Every published type by name. A type that stands here gets its JSON Schema, its validator and its place in OpenAPI's components. */
export const SCHEMAS = {
  ...ENTITIES,
  deletion: Deletion,
  meta: Meta,
  result: Result,
  error_detail: ErrorDetail,
  problem: Problem,
  pull_request: PullRequest,
  pull_response: PullResponse,
  push: Push,
  push_request: PushRequest,
  push_response: PushResponse,
  push_conflict: PushConflict,
  batch: Batch,
  batch_item: BatchItem,
  batch_request: BatchRequest,
  batch_response: BatchResponse,
  batch_conflict: BatchConflict,
  status_response: StatusResponse,
  health_response: HealthResponse,
  discovery_response: DiscoveryResponse,
  limits: Limits,
  ...REALTIME,
  request_headers: RequestHeaders,
  response_headers: ResponseHeaders,
  instant: Instant,
  instant_text: InstantText,
  canonical_instant: CanonicalInstant,
  entity_id: EntityId,
  result_file: ConformanceResult,
  requirement_result: RequirementResult,
  check_result: CheckResult,
  transcript_entry: TranscriptEntry,
  histories_result: HistoriesResult,
  config_file: ConformanceConfig,
  conformance_baseline: ConformanceBaseline,
  mutants_file: MutantsResult,
  adapter_request: AdapterRequest,
  adapter_answer: AdapterAnswer,
  adapter_event: AdapterEvent,
} as const satisfies Record<string, TSchema>;

/** The name of a published type. */
export type SchemaName = keyof typeof SCHEMAS;

export const SCHEMA_NAMES = Object.keys(SCHEMAS) as readonly SchemaName[];
