#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// A check that kills a client starts this anew each time: what was compiled once is read. Hence the imports below, which come after it.
enableCompileCache();
const { mistakeInWords, statusOf } = await import("./mistakes.ts");
const { createProgram } = await import("./program.ts");

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
