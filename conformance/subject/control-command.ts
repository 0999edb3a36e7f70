import { createInterface } from "node:readline";
import { CONTROL_VERBS } from "../check.ts";
import type { ControlVerb } from "../check.ts";
import { rejectable } from "../wire/rejectable.ts";
import { CouldNotRun } from "../verdict.ts";
import { startGroup } from "./process-group.ts";
import type { ProcessGroup } from "./process-group.ts";
import { lastWords } from "./start.ts";
import type { ControlPort } from "./subject.ts";

/** One line from the control process: `{"id": 1, "ok": true, "result": …}` or `{"id": 1, "ok": false, "error": "…"}`. */
interface Answer {
  id: number;
  ok: boolean;
  result?: unknown;
  error?: string;
}

const VERB_TIMEOUT_MS = 30_000;

/**
 * Starts the operator's control process and asks what it offers. It reads JSON lines `{id, verb, params}`, the first
 * of verb `capabilities`, whose result is `{verbs: [...], ephemeral?: boolean}`: with `ephemeral` the server's data ends
 * with the control process, and nothing needs to be deleted.
 * @throws CouldNotRun when it ends, or does not answer in time; it has been ended by then.
 */
export async function startControl(
  command: string,
  { timeoutMs = VERB_TIMEOUT_MS, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<{ port: ControlPort; ephemeral: boolean; group: ProcessGroup }> {
  const group = startGroup(command, { protocolOnStdout: true });
  const waiting = new Map<number, (answer: Answer) => void>();
  let count = 0;
  let stray: string | undefined;
  createInterface({ input: group.child.stdout! }).on("line", (line) => {
    const answer = parsed(line);
    if (answer) waiting.get(answer.id)?.(answer);
    else stray = line;
  });

  const ask = async (verb: string, params: Record<string, unknown> = {}): Promise<unknown> => {
    const id = (count += 1);
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    group.child.stdin!.write(`${JSON.stringify({ id, verb, params })}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
    });
    const ended = group.ended.then((how) => `it ended (${how})`);
    const { promise: interrupted, reject } = rejectable();
    const onAbort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const answer = await Promise.race([answered, late, ended, interrupted]).finally(() => {
      clearTimeout(timer);
      waiting.delete(id);
      signal?.removeEventListener("abort", onAbort);
    });
    if (typeof answer === "string") {
      const wrote =
        stray === undefined ? "" : ` (on stdout, which is for answers, it wrote: ${stray.slice(0, 80)})`;
      throw new CouldNotRun(
        `control command, verb ${verb}: ${answer}${wrote}: ${command}${lastWords(group)}`,
      );
    }
    if (!answer.ok)
      throw new CouldNotRun(`control command refused verb ${verb}: ${answer.error ?? "no reason given"}`);
    return answer.result;
  };

  try {
    const offered = (await ask("capabilities")) as { verbs?: unknown; ephemeral?: unknown } | undefined;
    const names = Array.isArray(offered?.verbs) ? offered.verbs : [];
    const verbs = CONTROL_VERBS.filter((verb) => names.includes(verb));
    const invoke = async (verb: ControlVerb, params?: Record<string, unknown>): Promise<void> => {
      await ask(verb, params);
    };
    return { port: { verbs, invoke }, ephemeral: offered?.ephemeral === true, group };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

/** Lines that are no answers (a log that went to stdout) are passed over. */
function parsed(line: string): Answer | undefined {
  try {
    const value = JSON.parse(line) as Answer;
    return typeof value.id === "number" && typeof value.ok === "boolean" ? value : undefined;
  } catch {
    return undefined;
  }
}
