import {
  CANONICAL_INSTANT_PATTERN,
  INSTANT_PATTERN,
  POINTER_PATTERN,
  SHA256_PATTERN,
  VISIBLE_ASCII_PATTERN,
} from "./patterns.ts";

/** Most violations that are told of one value; what is sent in bad faith must not cost more than it is worth. */
export const MAX_VIOLATIONS = 20;

/** One way in which a value breaks its schema. */
export interface Violation {
  /** JSON Pointer of the offending value; of the object that lacks it where a member is missing; "" for the whole. */
  pointer: string;
  /** The JSON Schema keyword that was broken. */
  keyword: string;
  /** What would be right: "must be a whole number". Never repeats the value. */
  detail: string;
  /** The name of the missing member. */
  missing?: string;
}

/** What a compiled validator reports. */
export interface RawError {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
  /** The member whose name, not value, is at fault. */
  propertyName?: string;
}

// They only say that something within failed, which has reported itself.
const SECONDARY = new Set(["if", "propertyNames"]);

const TYPES: Record<string, string> = {
  string: "text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

const PATTERNS: Record<string, string> = {
  [INSTANT_PATTERN]: "must be an RFC 3339 date and time with an offset, such as 2026-11-21T09:30:00Z",
  [CANONICAL_INSTANT_PATTERN]:
    "must be a date and time in UTC with milliseconds, such as 2026-11-21T09:30:00.000Z",
  [POINTER_PATTERN]: "must be a JSON Pointer, such as /changes/entries/0",
  [SHA256_PATTERN]: "must be 64 lower-case hexadecimal digits",
  [VISIBLE_ASCII_PATTERN]: "must be 1 to 255 visible ASCII characters",
};

function list(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

function detailOf({ keyword, params }: RawError): string {
  const limit = params["limit"];
  switch (keyword) {
    case "required":
    case "dependentRequired":
      return `must have the member ${String(params["missingProperty"])}`;
    case "type":
      return `must be ${[params["type"]]
        .flat()
        .map((type) => TYPES[String(type)])
        .join(" or ")}`;
    case "enum":
      return `must be one of ${list(params["allowedValues"] as unknown[])}`;
    case "const":
      return `must be ${JSON.stringify(params["allowedValue"])}`;
    case "pattern":
      return PATTERNS[String(params["pattern"])] ?? `must match ${String(params["pattern"])}`;
    case "minimum":
      return `must be ${limit} or more`;
    case "exclusiveMinimum":
      return `must be more than ${limit}`;
    case "maximum":
      return `must be ${limit} or less`;
    case "minLength":
      return limit === 1 ? "must not be empty" : `must have ${limit} characters or more`;
    case "maxLength":
      return limit === 0 ? "must be null or empty" : `must have ${limit} characters or fewer`;
    case "minItems":
      return limit === 1 ? "must not be empty" : `must have ${limit} items or more`;
    case "maxItems":
      return limit === 0 ? "must be empty here" : `must have ${limit} items or fewer`;
    case "additionalProperties":
      return "is not a known member; look for a typing error";
    case "false schema":
      return "must not be here";
    case "contains":
      return "lacks a value that must be in it";
    default:
      return `breaks the rule "${keyword}" of its schema`;
  }
}

function explainOne(error: RawError): Violation {
  const { keyword, params, instancePath } = error;
  const detail = detailOf(error);
  if (keyword === "required" || keyword === "dependentRequired") {
    return { pointer: instancePath, keyword: "required", detail, missing: String(params["missingProperty"]) };
  }
  if (keyword === "additionalProperties") {
    const member = String(params["additionalProperty"]).replaceAll("~", "~0").replaceAll("/", "~1");
    return { pointer: `${instancePath}/${member}`, keyword, detail };
  }
  // The name itself is not repeated: it may be as long as the request.
  const named = error.propertyName === undefined ? "" : "has a member whose name ";
  return { pointer: instancePath, keyword, detail: named + detail };
}

/** Turns a compiled validator's errors into violations: one per place or missing member, the first {@link MAX_VIOLATIONS}. */
export function explain(errors: readonly RawError[]): Violation[] {
  // Where no element is the one that must be there, each has been compared in vain; only the list is at fault.
  const lists = errors
    .filter((error) => error.keyword === "contains")
    .map((error) => `${error.instancePath}/`);
  const seen = new Set<string>();
  const violations: Violation[] = [];
  for (const error of errors) {
    if (SECONDARY.has(error.keyword)) continue;
    if (error.keyword === "const" && lists.some((prefix) => error.instancePath.startsWith(prefix))) continue;
    const violation = explainOne(error);
    const key = `${violation.pointer}\n${violation.missing ?? ""}`;
    if (seen.has(key)) continue;
    seen.add(key);
    violations.push(violation);
    if (violations.length === MAX_VIOLATIONS) break;
  }
  return violations;
}
