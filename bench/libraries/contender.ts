import type { Case } from "../../conformance/bench/interleave.ts";
import type { Subject, Workload } from "../../conformance/bench/result.ts";

/** One library doing one thing to one message. */
export interface Contender<Message> {
  subject: Subject;
  act: (message: Message) => unknown;
}

/** Long beside what the clock resolves, short beside the run. */
const LEAST_MS = 40;

/** Does it to all messages, over and over; the value is nanoseconds for a message. An asynchronous one is awaited each time. */
export function caseOf<Message>(
  workload: Workload,
  { subject, act }: Contender<Message>,
  messages: readonly Message[],
): Case {
  return {
    workload,
    subject: subject.id,
    async open() {
      const waits = act(messages[0]!) instanceof Promise;
      return {
        async once() {
          const begun = performance.now();
          let [took, done] = [0, 0];
          while (took < LEAST_MS) {
            if (waits) for (const message of messages) await act(message);
            else for (const message of messages) kept = act(message);
            done += messages.length;
            took = performance.now() - begun;
          }
          return { value: (took * 1e6) / done };
        },
        async close() {},
      };
    },
  };
}

/** What came out goes somewhere, so that no compiler leaves the work out. */
export let kept: unknown;
