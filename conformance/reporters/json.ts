import { validate } from "../../schemas/validators.ts";
import { HarnessError } from "../verdict.ts";
import { fileReporter } from "./file.ts";
import type { FinishedRun, Reporter } from "./reporter.ts";

/** The result as the published contract, `result_file`. */
export function createReporter(file: string): Reporter {
  return fileReporter(file, renderJson);
}

function renderJson({ result }: FinishedRun): string {
  // Through JSON first: what is judged is what will be read, and an undefined member is no member.
  const text = JSON.stringify(result, null, 2);
  const [first] = validate("result_file", JSON.parse(text));
  if (first) {
    throw new HarnessError(
      `the result breaks its own schema: ${first.pointer || "the whole"} ${first.detail}`,
    );
  }
  return `${text}\n`;
}
