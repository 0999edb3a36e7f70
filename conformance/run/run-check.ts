import type { HistoryOptions, ServerCheck } from "../check.ts";
import type { Subject } from "../subject/subject.ts";
import type { Level } from "../verdict.ts";
import { missingNeed } from "./capabilities.ts";
import { createStage } from "./context.ts";
import type { Stage } from "./context.ts";
import { judge } from "./judge.ts";
import type { CheckOutcome } from "./judge.ts";
import { positiveControl, socketControl } from "./positive-control.ts";

export interface CheckOptions {
  seed: string;
  nonce: string;
  /** Level of the check's requirement: decides between failed and warned. */
  level: Level;
  /** Profile of the check's requirement; default http. */
  profile?: string;
  /** Ends the run. */
  signal?: AbortSignal;
  histories?: HistoryOptions;
  /** What the checks of one run share. */
  shared?: Map<string, Promise<unknown>>;
}

/** Runs one check against a subject: needs, positive control, the check itself. Never throws. */
export async function runCheck(
  check: ServerCheck,
  subject: Subject,
  options: CheckOptions,
): Promise<CheckOutcome> {
  const { level, signal } = options;
  const timeoutMs = check.timeoutMs + (check.plays ? (options.histories?.durationMs ?? 0) : 0);
  const lacking = missingNeed(check.needs, subject);
  return judge(check, { timeoutMs, level, signal, lacking, redactor: subject.redactor }, async (ends) => {
    const stage = await createStage(check, subject, { ...options, signal: ends });
    const { transcript, redactor, writers, sockets } = stage;
    return {
      transcript,
      redactor,
      writers,
      play: () => playOut(check, stage, options.profile),
      end: () => sockets.endAll(),
    };
  });
}

async function playOut(check: ServerCheck, stage: Stage, profile: string | undefined): Promise<void> {
  const { context, sockets } = stage;
  await check.run(context);
  sockets.demandWellFormed();
  // Else "nothing was refused", "nothing changed" and their like would hold on a server that does nothing.
  if (!stage.served()) await positiveControl(context.device);
  // A check on sockets that has heard nothing on any has seen only what a dead endpoint shows, too.
  if (profile === "realtime" && !sockets.heard) await socketControl(context.device);
}
