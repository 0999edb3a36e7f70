import { announcing } from "./behaviour/announcing.ts";
import type { AnnouncingSteps } from "./behaviour/announcing.ts";
import { answers } from "./behaviour/answers.ts";
import type { AnswerSteps } from "./behaviour/answers.ts";
import { applying } from "./behaviour/applying.ts";
import type { ApplyingSteps } from "./behaviour/applying.ts";
import { connecting } from "./behaviour/connecting.ts";
import type { ConnectingSteps } from "./behaviour/connecting.ts";
import { freezing } from "./behaviour/freezing.ts";
import type { FreezingSteps } from "./behaviour/freezing.ts";
import { living } from "./behaviour/living.ts";
import type { LivingSteps } from "./behaviour/living.ts";
import { pulling } from "./behaviour/pulling.ts";
import type { PullingSteps } from "./behaviour/pulling.ts";
import { realtime } from "./behaviour/realtime.ts";
import type { RealtimeSteps } from "./behaviour/realtime.ts";
import { seeing } from "./behaviour/seeing.ts";
import type { SeeingSteps } from "./behaviour/seeing.ts";
import { settling } from "./behaviour/settling.ts";
import type { SettlingSteps } from "./behaviour/settling.ts";
import { stamping } from "./behaviour/stamping.ts";
import type { StampingSteps } from "./behaviour/stamping.ts";
import { timing } from "./behaviour/timing.ts";
import type { TimingSteps } from "./behaviour/timing.ts";
import { writing } from "./behaviour/writing.ts";
import type { WritingSteps } from "./behaviour/writing.ts";

/**
 * Everything that a client decides, as one flat record of small named steps; what each does stands at its interface. The engine, and each step
 * that needs another, call through `context.behaviour`, so a mutant replaces a step by spreading the conforming record, and two mutants compose.
 */
export interface ClientBehaviour
  /** What requests and messages say of the client. */
  extends
    AnnouncingSteps,
    /** Stamps of the user's writes. */
    StampingSteps,
    /** Writes until they are sent: queue, coalesce. */
    WritingSteps,
    /** From waiting writes to a request: what goes together, key, body. */
    FreezingSteps,
    /** What answers mean: of requests and of items. */
    AnswerSteps,
    /** From answers to an outbox that is empty; dead letters, conflicts. */
    SettlingSteps,
    /** From what is told to the confirmed layer. */
    ApplyingSteps,
    /** Pulls: pages, cursor, floors, epochs. */
    PullingSteps,
    /** Sockets: catch-up, events, what they do to the cursor. */
    RealtimeSteps,
    /** Back-off, tokens, handshakes, heartbeat. */
    ConnectingSteps,
    /** When the client acts by itself. */
    TimingSteps,
    /** What the app is shown. */
    SeeingSteps,
    /** Users, tabs, the end. */
    LivingSteps {}

/** The behaviour that follows the spec. */
export const conformingClient: ClientBehaviour = Object.freeze({
  ...announcing,
  ...stamping,
  ...writing,
  ...freezing,
  ...answers,
  ...settling,
  ...applying,
  ...pulling,
  ...realtime,
  ...connecting,
  ...timing,
  ...seeing,
  ...living,
});
