#!/usr/bin/env node
import { mistakeInWords, statusOf } from "./mistakes.ts";
import { createProgram } from "./program.ts";

// `… | head` reads no more: what is left goes unread, and the run still comes to its reports and its exit status.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

try {
  await createProgram().parseAsync();
} catch (error) {
  process.stderr.write(mistakeInWords(error));
  process.exitCode = statusOf(error);
}
