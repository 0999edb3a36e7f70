import type { TranscriptEntry } from "../../schemas/conformance-result.ts";
import type { Requirement } from "../../spec/requirements.ts";
import type { CheckResult } from "../run/result.ts";
import { legible } from "./legible.ts";

const LONGEST_VALUE = 1_200;
/** Requests, answers and frames shown on a terminal; the report on disk has them all. */
const MESSAGES_SHOWN = 16;
const LONGEST_BODY = 600;
/** Headers that say nothing about a failure. */
const NOISE = new Set(["connection", "keep-alive", "date", "content-length", "transfer-encoding", "server"]);

/** A failed check in full: requirement and place, expected and actual, the wire, and how to run it again. */
export function describeFailure(check: CheckResult, requirement: Requirement | undefined): string {
  const lines = [
    ...(requirement
      ? [
          `  ${requirement.text}`,
          `  ${requirement.id}, ${requirement.level}, ${requirement.file}:${requirement.line}`,
        ]
      : []),
    "",
    `  check     ${check.name}`,
    `  but       ${quoted(check.message ?? "it does not")}`,
    `  expected  ${value(check.expected)}`,
    ...(check.history ? drawn(check.actual) : [`  actual    ${value(check.actual)}`]),
    "",
    // The messages of a whole history are for the report on disk: what they come to is drawn.
    ...(check.history ? [] : wire(check.transcript)),
    ...(check.rerun === null ? [] : [`  again     ${check.rerun}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** The lines of a diagram. */
export function drawn(actual: unknown): string[] {
  const lines = Array.isArray(actual) ? actual : [actual];
  return ["  actual", ...lines.map((line) => `    ${cut(String(line), LONGEST_BODY)}`)];
}

function value(json: unknown): string {
  const text = typeof json === "string" ? json : JSON.stringify(json);
  return cut(text ?? "nothing", LONGEST_VALUE);
}

/** The last messages of a transcript, as lines. */
export function wire(transcript: readonly TranscriptEntry[]): string[] {
  const omitted = Math.max(0, transcript.length - MESSAGES_SHOWN);
  // The last messages are those that the failure is about.
  return [
    ...(omitted > 0 ? [`  … ${omitted} earlier messages are in the report`] : []),
    ...transcript.slice(omitted).flatMap(message),
    "",
  ];
}

function message(entry: TranscriptEntry): string[] {
  if (entry.connection !== undefined) return [frame(entry)];
  const first =
    entry.direction === "request"
      ? `  → ${entry.method} ${entry.path}`
      : `  ← ${entry.status} (${entry.at} ms)`;
  const headers = Object.entries(entry.headers)
    .filter(([name]) => !NOISE.has(name))
    .map(([name, text]) => `      ${name}: ${cut(text, 200)}`);
  const note = entry.direction === "request" && entry.note !== undefined ? [`      (${entry.note})`] : [];
  return [
    first,
    ...headers,
    ...(entry.body === null ? [] : [`      ${cut(entry.body, LONGEST_BODY)}`]),
    ...note,
  ];
}

/** A frame is one line: a check on a socket has many of them. */
function frame({ at, direction, connection, body, note }: TranscriptEntry): string {
  const arrow = direction === "sent-frame" ? "→" : "←";
  const told = [
    ...(body === null ? [] : [cut(body, LONGEST_BODY)]),
    ...(note === undefined ? [] : [`(${quoted(note)})`]),
  ];
  return `  ${arrow} ${connection} ${told.join(" ")} (${at} ms)`;
}

function cut(text: string, length: number): string {
  return text.length > length
    ? `${quoted(text.slice(0, length))}… (${text.length} characters)`
    : quoted(text);
}

/** A server's words don't move the cursor, nor begin a line: a CI takes commands from lines (`::error::`). */
function quoted(text: string): string {
  return legible(text).replaceAll("\n", "\n      ¦ ");
}
