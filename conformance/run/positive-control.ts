import { isJsonObject } from "../../schemas/json.ts";
import type { Device } from "../wire/device.ts";
import { Reply } from "../wire/reply.ts";
import type { PullBody } from "../wire/shapes.ts";
import { CouldNotRun } from "../verdict.ts";

/** @throws CouldNotRun saying what came back instead of a full pull. */
export function demandPullAnswer(reply: Reply): void {
  if (reply.status === 200) {
    const json = parsed(reply);
    if (isJsonObject(json) && Array.isArray(json["entries"]) && typeof json["syncToken"] === "string") return;
    const shape = isJsonObject(json) ? "a JSON object that is no answer to a pull" : mediaType(reply);
    throw new CouldNotRun(
      `${reply.label} with a good token got 200 and ${shape}: ${reply.text.slice(0, 120) || "(empty)"}`,
    );
  }
  throw new CouldNotRun(`${reply.label} with a good token got ${reply.summary}${hint(reply.status)}`);
}

/** The answer was held against its schema on the way here, so a bad one has already failed the check. */
export async function positiveControl(device: Device): Promise<void> {
  const reply: Reply<PullBody> = await device.tryPull();
  demandPullAnswer(reply);
}

/** @throws CouldNotRun where a socket with a good token does not open, or nothing comes on it. */
export async function socketControl(device: Device): Promise<void> {
  const opened = await device.tryConnect();
  if (opened instanceof Reply) {
    throw new CouldNotRun(
      `a WebSocket with a good token was answered ${opened.summary}. Is it elsewhere? Give its address by --ws-url`,
    );
  }
  const { device: own, label } = opened;
  try {
    await opened.until("WELCOME", ({ type }) => type === "WELCOME");
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CouldNotRun(`a WebSocket opened for ${own.user}, but no WELCOME came on ${label}: ${words}`);
  }
}

function hint(status: number): string {
  if (status === 401 || status === 403) {
    return ". Does the server verify with the secret that the suite signs with? Give it by --jwt-secret or MIRUBATO_JWT_SECRET (HS256), or mint tokens by --token-command";
  }
  if (status === 404) return ". Is --url the base, without /api/sync?";
  if (status === 429) return ". Is the server limiting rates by address rather than by user?";
  return "";
}

function parsed(reply: Reply): unknown {
  try {
    return JSON.parse(reply.text);
  } catch {
    return undefined;
  }
}

function mediaType(reply: Reply): string {
  return `no JSON (${reply.headers["content-type"] ?? "no Content-Type"})`;
}
