import type { Readable, Writable } from "node:stream";
import type { AdapterEvent } from "../../../schemas/adapter-messages.ts";
import { type AdapterVerb, REQUIRED_VERBS } from "../../../schemas/adapter-verbs.ts";
import type { Answer, Params } from "../../../schemas/adapter.ts";
import { validate } from "../../../schemas/validators.ts";
import { CouldNotRun } from "../../verdict.ts";
import type { Redactor } from "../../wire/redaction.ts";
import { rejectable } from "../../wire/rejectable.ts";
import { eachLine } from "./lines.ts";
import { AdapterRefusal } from "./port.ts";

const MAX_EVENTS = 200;
const SHOWN = 120;

export interface ConversationOptions {
  /** What the adapter writes. */
  input: Readable;
  /** What it reads. */
  output: Writable;
  /** Resolves with how the adapter ended, when all that it wrote was read. */
  ended: Promise<string>;
  /** Put behind what is told of its end or its silence. */
  lastWords(): string;
  /** Where what it wrote last is found, by the number of its line. Default: in its stdout. */
  where?(line: number): string;
  redactor: Redactor;
  answerTimeoutMs: number;
  /** For its first answer, and where it is loaded anew: it may have to start up. */
  startTimeoutMs: number;
  /** Hears, once, that nothing can be asked any more. */
  onOver(): void;
}

interface Asked {
  verb: AdapterVerb;
  answer(result: unknown): void;
  refuse(why: Error): void;
}

/** Requests and answers as lines of JSON, strictly: what breaks the protocol ends it, for nothing that came after could be trusted. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #waiting = new Map<number, Asked>();
  /** Nobody waits for them any more; they may still be answered. */
  readonly #late = new Set<number>();
  readonly #events: AdapterEvent[] = [];
  #count = 0;
  #spoke = false;
  #over: CouldNotRun | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    eachLine(
      options.input,
      (line, number) => this.#hear(line, number),
      (why) => this.#end(why),
    );
    void options.ended.then((how) =>
      this.#end(new CouldNotRun(`the adapter ended (${how})${options.lastWords()}`)),
    );
  }

  /** Whether nothing can be asked any more. */
  get over(): boolean {
    return this.#over !== undefined;
  }

  /** What it told without being asked, the last of it. */
  get events(): readonly AdapterEvent[] {
    return this.#events;
  }

  /**
   * @param given.timeoutMs default: what an answer may take, or a start
   * @param given.asleepMs no answer can come for so long
   * @throws AdapterRefusal, CouldNotRun as {@link AdapterHost.ask} does
   */
  async ask<V extends AdapterVerb>(
    verb: V,
    params: Params<V>,
    given: { timeoutMs?: number | undefined; asleepMs?: number } = {},
  ): Promise<Answer<V>> {
    if (this.#over) throw this.#over;
    const { output, redactor, lastWords, answerTimeoutMs, startTimeoutMs } = this.#options;
    const usualMs = this.#spoke && verb !== "reload" ? answerTimeoutMs : startTimeoutMs;
    const timeoutMs = (given.timeoutMs ?? usualMs) + (given.asleepMs ?? 0);
    if ("token" in params && params.token !== undefined) redactor.conceal(params.token);
    const id = (this.#count += 1);
    let timer: NodeJS.Timeout | undefined;
    const { promise: refused, reject } = rejectable();
    const answered = new Promise<unknown>((answer) =>
      this.#waiting.set(id, { verb, answer, refuse: reject }),
    );
    timer = setTimeout(() => {
      this.#late.add(id);
      const deaf = output.writableLength > 0 ? "; it does not read its stdin" : "";
      reject(
        new CouldNotRun(
          `the adapter did not answer ${verb} within ${timeoutMs / 1000} s${deaf}${lastWords()}`,
        ),
      );
    }, timeoutMs);
    output.write(`${JSON.stringify({ id, verb, params })}\n`);
    try {
      return (await Promise.race([answered, refused])) as Answer<V>;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Nothing is asked any more: what still waits is rejected with this. */
  end(why: string): void {
    this.#end(new CouldNotRun(why));
  }

  #end(why: CouldNotRun): void {
    if (this.#over) return;
    this.#over = why;
    for (const { refuse } of this.#waiting.values()) refuse(why);
    this.#options.onOver();
  }

  #hear(line: string, number: number): void {
    if (this.#over) return;
    const wrong = (why: string, remedy: string): void => {
      const { redactor, where = (one) => `line ${one} of its stdout` } = this.#options;
      const shown = redactor.text(line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line);
      this.#end(new CouldNotRun(`${why}; ${remedy} (${where(number)}: ${shown})`));
    };
    const message = objectIn(line);
    if (message === undefined) {
      wrong(
        "the adapter wrote a line that is no JSON object",
        "stdout is for answers and events alone, one a line: log to stderr",
      );
    } else if ("event" in message) {
      // First: what an event tells of may have an id of its own.
      const [violation] = validate("adapter_event", message);
      if (violation) wrong(`the adapter's event is not valid: ${told(violation)}`, "see adapter_event.json");
      else if (this.#events.push(message as AdapterEvent) > MAX_EVENTS) this.#events.shift();
    } else if ("id" in message) {
      this.#answered(message, wrong);
    } else {
      wrong("the adapter wrote what is neither an answer nor an event", `it must have an "id" or an "event"`);
    }
  }

  #answered(message: Record<string, unknown>, wrong: (why: string, remedy: string) => void): void {
    const { id } = message;
    this.#spoke = true;
    if (this.#late.delete(id as number)) return;
    const asked = this.#waiting.get(id as number);
    if (asked === undefined) {
      const again = Number.isInteger(id) && (id as number) >= 1 && (id as number) <= this.#count;
      wrong(
        again
          ? `the adapter answered request ${String(id)} twice`
          : `the adapter answered a request ${JSON.stringify(id)} that was not made`,
        "answer each request once, with its own id, a number",
      );
      return;
    }
    const { verb } = asked;
    const [violation] = validate("adapter_answer", { ...message, verb });
    if (violation) {
      wrong(`the adapter's answer to ${verb} is not valid: ${told(violation)}`, remedyOf(verb, violation));
      return;
    }
    // At once, so that the same answer again is one too many.
    this.#waiting.delete(id as number);
    if (message["ok"] === true) {
      asked.answer(message["result"]);
      return;
    }
    const { code, message: words } = message["error"] as { code: string; message: string };
    const { redactor } = this.#options;
    asked.refuse(new AdapterRefusal(verb, { code: redactor.text(code), message: redactor.text(words) }));
  }
}

function objectIn(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function told({ pointer, detail }: { pointer: string; detail: string }): string {
  return `${pointer === "" ? "it" : pointer} ${detail}`;
}

function remedyOf(verb: AdapterVerb, { pointer, missing }: { pointer: string; missing?: string }): string {
  if (pointer === "" && missing === "result") return `where there is nothing to say, "result" is {}`;
  if (pointer === "" && missing === "error") return `with "ok": false goes "error": {"code", "message"}`;
  if (pointer.startsWith("/error")) return `an error has a "code", a text for programs, and a "message"`;
  if (verb === "capabilities" && pointer.startsWith("/result/verbs"))
    return `name only verbs of the protocol, among them ${REQUIRED_VERBS.join(", ")}`;
  return "adapter_answer.json says what it must be";
}
