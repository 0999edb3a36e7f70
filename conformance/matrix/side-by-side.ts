import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { HarnessError } from "../verdict.ts";
import type { Matrix, Row } from "./matrix.ts";
import type { Trial } from "./trial.ts";

/** What a thread is given at its start. */
export interface WorkerData {
  seed: string;
}

/** One row, by names: code does not travel between threads. */
export interface Order {
  check: string;
  mutants: string[];
}

export type Report = { trials: Trial[] } | { error: string };

/** Rows that a thread has under way at once: enough to fill the waiting for what must not come. */
const WIDTH = 2;

/**
 * Tries every row, on a thread per core.
 * @param told called with each row's trials as they come, in no order
 * @throws HarnessError where a thread ends before its work
 */
export async function runMatrix(
  rows: readonly Row[],
  { seed, told, signal }: { seed: string; told?: (trials: readonly Trial[]) => void; signal?: AbortSignal },
): Promise<Matrix> {
  const queue = rows.map(({ check, mutants }) => ({
    check: check.id,
    mutants: mutants.map(({ name }) => name),
  }));
  const trials: Trial[] = [];
  const width = Math.min(availableParallelism(), queue.length);
  const threads = Array.from({ length: width }, () => startThread({ seed }));
  const stop = (): void => threads.forEach((thread) => void thread.terminate());
  signal?.addEventListener("abort", stop, { once: true });
  try {
    signal?.throwIfAborted();
    await Promise.all(
      threads.map((thread) =>
        keepBusy(thread, queue, (more) => {
          trials.push(...more);
          told?.(more);
        }),
      ),
    );
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return { rows, trials };
}

function startThread(data: WorkerData): Worker {
  // Threads run as this file stands: `.ts` from the sources, `.js` from the build.
  const extension = extname(fileURLToPath(import.meta.url));
  return new Worker(new URL(`./worker${extension}`, import.meta.url), {
    workerData: data,
    // A mutant that gets its times wrong sets timers of NaN: that is its fault, and not news.
    execArgv: [...process.execArgv, "--disable-warning=TimeoutNaNWarning"],
  });
}

/** Gives a thread rows until the queue is empty and all that it was given is done. */
async function keepBusy(
  thread: Worker,
  queue: Order[],
  done: (trials: readonly Trial[]) => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let underWay = 0;
  const next = (): void => {
    const order = queue.shift();
    if (order === undefined) return underWay === 0 ? resolve() : undefined;
    underWay += 1;
    thread.postMessage(order, []);
  };
  thread.on("message", (report: Report) => {
    underWay -= 1;
    if ("error" in report) return reject(new HarnessError(report.error));
    done(report.trials);
    next();
  });
  // Errors lose their class on the way from thread to thread.
  thread.on("error", (error: Error) => reject(new HarnessError(error.message)));
  thread.on("exit", () => reject(new HarnessError("a thread of the matrix ended before its work was done")));
  for (let slot = 0; slot < WIDTH; slot += 1) next();
  return promise;
}
