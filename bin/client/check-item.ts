import { UsageError } from "../../conformance/run/select.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { validate } from "../../schemas/validators.ts";
import type { Kind } from "./kinds.ts";

/** What the server would refuse is told before it is stored. @throws UsageError with the member, what is wrong and what would be right */
export function checkItem({ type, word }: Kind, item: JsonObject): void {
  // The id, where there is none, is the client's to make.
  const whole = { id: "new", scoreId: "new", ...item };
  const present = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
  const [first] = validate(type, present);
  if (first === undefined) return;
  const path = first.pointer.slice(1).replaceAll("/", ".");
  if (first.missing !== undefined) {
    const member = path === "" ? first.missing : `${path}.${first.missing}`;
    throw new UsageError(`${word}: ${member} is missing: add ${member}=…`);
  }
  throw new UsageError(`${word}: ${path || "it"} ${first.detail}`);
}
