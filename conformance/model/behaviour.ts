import { answers } from "./behaviour/answers.ts";
import type { AnswerSteps } from "./behaviour/answers.ts";
import { auth } from "./behaviour/auth.ts";
import type { AuthSteps } from "./behaviour/auth.ts";
import { batch } from "./behaviour/batch.ts";
import type { BatchSteps } from "./behaviour/batch.ts";
import { body } from "./behaviour/body.ts";
import type { BodySteps } from "./behaviour/body.ts";
import { catchUp } from "./behaviour/catch-up.ts";
import type { CatchUpSteps } from "./behaviour/catch-up.ts";
import { cors } from "./behaviour/cors.ts";
import type { CorsSteps } from "./behaviour/cors.ts";
import { cursor } from "./behaviour/cursor.ts";
import type { CursorSteps } from "./behaviour/cursor.ts";
import { discovery } from "./behaviour/discovery.ts";
import type { DiscoverySteps } from "./behaviour/discovery.ts";
import { events } from "./behaviour/events.ts";
import type { EventSteps } from "./behaviour/events.ts";
import { frames } from "./behaviour/frames.ts";
import type { FrameSteps } from "./behaviour/frames.ts";
import { http } from "./behaviour/http.ts";
import type { HttpSteps } from "./behaviour/http.ts";
import { idempotency } from "./behaviour/idempotency.ts";
import type { IdempotencySteps } from "./behaviour/idempotency.ts";
import { lifetime } from "./behaviour/lifetime.ts";
import type { LifetimeSteps } from "./behaviour/lifetime.ts";
import { limits } from "./behaviour/limits.ts";
import type { LimitSteps } from "./behaviour/limits.ts";
import { mutations } from "./behaviour/mutations.ts";
import type { MutationSteps } from "./behaviour/mutations.ts";
import { normalisation } from "./behaviour/normalisation.ts";
import type { NormalisationSteps } from "./behaviour/normalisation.ts";
import { opening } from "./behaviour/opening.ts";
import type { OpeningSteps } from "./behaviour/opening.ts";
import { ordering } from "./behaviour/ordering.ts";
import type { OrderingSteps } from "./behaviour/ordering.ts";
import { pull } from "./behaviour/pull.ts";
import type { PullSteps } from "./behaviour/pull.ts";
import { push } from "./behaviour/push.ts";
import type { PushSteps } from "./behaviour/push.ts";
import { results } from "./behaviour/results.ts";
import type { ResultSteps } from "./behaviour/results.ts";
import { rows } from "./behaviour/rows.ts";
import type { RowSteps } from "./behaviour/rows.ts";
import { sending } from "./behaviour/sending.ts";
import type { SendingSteps } from "./behaviour/sending.ts";
import { status } from "./behaviour/status.ts";
import type { StatusSteps } from "./behaviour/status.ts";
import { storage } from "./behaviour/storage.ts";
import type { StorageSteps } from "./behaviour/storage.ts";
import { telling } from "./behaviour/telling.ts";
import type { TellingSteps } from "./behaviour/telling.ts";
import { tokens } from "./behaviour/tokens.ts";
import type { TokenSteps } from "./behaviour/tokens.ts";
import { validation } from "./behaviour/validation.ts";
import type { ValidationSteps } from "./behaviour/validation.ts";

/**
 * Everything that a server decides, as one flat record of small named steps. The engine, and each step that needs another, call
 * through `context.behaviour`, so a mutant replaces a step by spreading the conforming record, and two mutants compose.
 */
export interface Behaviour
  extends
    HttpSteps,
    BodySteps,
    AnswerSteps,
    CorsSteps,
    AuthSteps,
    TokenSteps,
    LimitSteps,
    IdempotencySteps,
    NormalisationSteps,
    ValidationSteps,
    OrderingSteps,
    PushSteps,
    ResultSteps,
    BatchSteps,
    RowSteps,
    StorageSteps,
    PullSteps,
    TellingSteps,
    CursorSteps,
    StatusSteps,
    DiscoverySteps,
    OpeningSteps,
    FrameSteps,
    MutationSteps,
    EventSteps,
    CatchUpSteps,
    LifetimeSteps,
    SendingSteps {}

/** The behaviour that follows the spec. */
export const conforming: Behaviour = Object.freeze({
  ...http,
  ...body,
  ...answers,
  ...cors,
  ...auth,
  ...tokens,
  ...limits,
  ...idempotency,
  ...normalisation,
  ...validation,
  ...ordering,
  ...push,
  ...results,
  ...batch,
  ...rows,
  ...storage,
  ...pull,
  ...telling,
  ...cursor,
  ...status,
  ...discovery,
  ...opening,
  ...frames,
  ...mutations,
  ...events,
  ...catchUp,
  ...lifetime,
  ...sending,
});
