import { validate } from "../../schemas/validators.ts";
import { requireWritable, writeWhole } from "../run/output-file.ts";
import { HarnessError } from "../verdict.ts";
import type { Reporter } from "./reporter.ts";

/** Writes the result as the published contract (`result_file`), as a whole or not at all. */
export function createReporter(file: string): Reporter {
  requireWritable(file, "--report");
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
      writeWhole(file, `${text}\n`, "the report");
    },
  };
}
