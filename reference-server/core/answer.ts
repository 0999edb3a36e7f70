import { StorageError, type Log } from "./ports.ts";
import { Problem } from "./problem.ts";

/** An answer before it becomes a response: what an idempotency record keeps. */
export interface Answer {
  status: number;
  body: string;
}

/** Seconds after which a client may try again when the store failed. */
const RETRY_AFTER_S = 2;

/** An answer as a response. From 400 on it is a problem document. */
export function respond(answer: Answer, headers: Record<string, string> = {}): Response {
  return new Response(answer.body, {
    status: answer.status,
    headers: {
      "content-type": answer.status >= 400 ? "application/problem+json" : "application/json",
      "cache-control": "no-store",
      ...headers,
    },
  });
}

/** Anything that was thrown, as a response (HTTP-007, HTTP-011). The log learns what the peer must not. */
export function respondToError(error: unknown, log: Log): Response {
  if (error instanceof Problem) return respondToProblem(error);
  if (error instanceof StorageError) {
    log(`storage failed: ${error.message}`);
    return respondToProblem(
      new Problem(
        "UNAVAILABLE",
        "The store does not answer now; nothing of this request was applied in part. Send it again.",
        {
          headers: { "retry-after": String(RETRY_AFTER_S) },
        },
      ),
    );
  }
  log(`internal error: ${error instanceof Error ? error.name + placeOf(error) : typeof error}`);
  return respondToProblem(new Problem("INTERNAL", "The server failed; send the same request again later."));
}

/** Where a fault came up, never its message: that could quote what a user sent, in as many lines as the user liked. */
function placeOf({ message, stack = "" }: Error): string {
  const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return frames
    .filter((line) => /^ +at /.test(line))
    .slice(0, 3)
    .join(" ");
}

function respondToProblem(problem: Problem): Response {
  return respond({ status: problem.status, body: problem.body() }, problem.extras.headers);
}
