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
  role: "server" | "client";
}

/** One trial, by names: code does not travel between threads. */
export interface Order {
  check: string;
  /** Null: the conforming model. */
  mutant: string | null;
}

export type Report = { trial: Trial } | { error: string };

/** Trials that a thread has under way at once: they fill each other's waiting, and a check of rates still gets its time. */
const WIDTH = 6;

/**
 * Tries every pair of a check and a mutant, on a thread per core.
 * @param told called with each trial as it ends, in no order
 * @throws HarnessError where a thread ends before its work; the signal's reason once it is aborted
 */
export async function runMatrix(
  rows: readonly Row[],
  { seed, told, signal }: { seed: string; told?: (trial: Trial) => void; signal?: AbortSignal },
): Promise<Matrix> {
  const queue = rows.flatMap(({ check, mutants }) =>
    [null, ...mutants.map(({ name }) => name)].map((mutant): Order => ({ check: check.id, mutant })),
  );
  const trials: Trial[] = [];
  const width = Math.min(availableParallelism(), queue.length);
  const role = rows[0]?.check.role ?? "server";
  const threads = Array.from({ length: width }, () => startThread({ seed, role }));
  const stop = (): void => threads.forEach((thread) => void thread.terminate());
  signal?.addEventListener("abort", stop, { once: true });
  try {
    signal?.throwIfAborted();
    await Promise.all(
      threads.map((thread) =>
        keepBusy(thread, queue, (trial) => {
          trials.push(trial);
          told?.(trial);
        }),
      ),
    );
  } catch (error) {
    // Threads that were stopped say only that they ended.
    signal?.throwIfAborted();
    throw error;
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

/** Gives a thread trials until the queue is empty and all that it was given is done. */
async function keepBusy(thread: Worker, queue: Order[], done: (trial: Trial) => void): Promise<void> {
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
    done(report.trial);
    next();
  });
  // Errors lose their class on the way from thread to thread.
  thread.on("error", (error: Error) => reject(new HarnessError(error.message)));
  thread.on("exit", () => reject(new HarnessError("a thread of the matrix ended before its work was done")));
  for (let slot = 0; slot < WIDTH; slot += 1) next();
  return promise;
}
