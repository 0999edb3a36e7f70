import type { JsonObject } from "../../../schemas/json.ts";

/** What a request is about, in a few words. */
export function requestLabel(path: string, body: string | undefined): string {
  const call = path.split("?")[0]!.split("/").at(-1)!;
  const json = parsed(body);
  if (call === "push") {
    const changes = (json?.["changes"] ?? {}) as Record<string, unknown[]>;
    return `push, ${counted(Object.values(changes).flat().length, "item")}`;
  }
  if (call === "pull") return json?.["since"] === undefined ? "pull all" : "pull what is new";
  return call;
}

/** What an answer says. */
export function answerLabel(status: number, headers: Record<string, string>, body: string): string {
  const json = parsed(body);
  if (status !== 200) return `${status} ${String(json?.["code"] ?? "")}`.trim();
  const replayed = headers["x-idempotent-replay"] === "true" ? ", replayed" : "";
  const results = json?.["results"] as { outcome: string; code?: string }[] | undefined;
  if (results)
    return `200 ${[...new Set(results.map(({ outcome, code }) => code ?? outcome))].join(", ")}${replayed}`;
  if (json?.["mode"] === undefined) return "200";
  const { entries = [], goals = [], deleted = [] } = json as Record<string, unknown[]>;
  const count = entries.length + goals.length + deleted.length;
  return `200 ${count === 0 ? "nothing new" : counted(count, "item")}`;
}

/** What a frame of the socket says. */
export function frameLabel(text: string): string {
  const frame = parsed(text) ?? {};
  const type = String(frame["type"]);
  const { lastSeq, code, seq, entries } = frame as {
    lastSeq?: number;
    code?: string;
    seq?: number;
    entries?: unknown[];
  };
  if (code !== undefined) return `${type} ${code}`;
  if (type === "SYNC_REQUEST") return `${type} from ${lastSeq ?? "the start"}`;
  if (entries !== undefined) return `${type}, ${counted(entries.length, "entry", "entries")}`;
  if (type === "SYNC_RESPONSE") return `${type} up to ${lastSeq}`;
  return seq === undefined ? type : `${type}, seq ${seq}`;
}

export function pretty(text: string | undefined): string {
  if (!text) return "";
  const json = parsed(text);
  if (!json) return text;
  // The token of an AUTH is the device's own secret.
  return JSON.stringify(json, (name, value: unknown) => (name === "token" ? "…" : value), 2);
}

function parsed(text: string | undefined): JsonObject | undefined {
  try {
    return JSON.parse(text ?? "") as JsonObject;
  } catch {
    return undefined;
  }
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
