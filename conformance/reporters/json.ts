import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { validate } from "../../schemas/validators.ts";
import { UsageError } from "../run/select.ts";
import { CouldNotRun, HarnessError } from "../verdict.ts";
import type { Reporter } from "./reporter.ts";

/** Writes the result as the published contract (`result_file`), as a whole or not at all. */
export function createReporter(file: string): Reporter {
  // Before the run: after it, there would be a result and nowhere to put it.
  requireWritable(file);
  return {
    finish({ result }) {
      // Through JSON first: what is judged is what will be read, and an undefined member is no member.
      const text = JSON.stringify(result, null, 2);
      const violations = validate("result_file", JSON.parse(text));
      if (violations.length > 0) {
        const [first] = violations;
        throw new HarnessError(
          `the result breaks its own schema: ${first!.pointer || "the whole"} ${first!.detail}`,
        );
      }
      const partial = `${file}.${process.pid}.partial`;
      try {
        writeFileSync(partial, `${text}\n`);
        renameSync(partial, file);
      } catch (error) {
        if (existsSync(partial)) rmSync(partial);
        throw new CouldNotRun(`the report could not be written: ${(error as Error).message}`);
      }
    },
  };
}

function requireWritable(file: string): void {
  try {
    makeFolder(dirname(file));
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
    if (existsSync(file) && statSync(file).isDirectory()) throw new Error("it is a folder");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`--report: ${file} can't be written (${code ?? message}); name another file`);
  }
}

/** Step by step: where a system refuses (/proc), Node's own recursion never ends. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file`);
    return;
  }
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
