import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { validate } from "../../schemas/validators.ts";
import { CouldNotRun, HarnessError } from "../verdict.ts";
import type { Reporter } from "./reporter.ts";

/** Writes the result as the published contract (`result_file`), as a whole or not at all. */
export function createReporter(file: string): Reporter {
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
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(partial, `${text}\n`);
        renameSync(partial, file);
      } catch (error) {
        rmSync(partial, { force: true });
        throw new CouldNotRun(`the report could not be written: ${(error as Error).message}`);
      }
    },
  };
}
