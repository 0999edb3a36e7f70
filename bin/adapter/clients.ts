import type { Params } from "../../schemas/adapter.ts";
import { SyncClient, type Options, type SyncError } from "../../reference-client/index.ts";
import { scaledClock } from "./clock.ts";

/** A reference client as the adapter holds it. */
export interface Held {
  client: SyncClient;
  /** The token from now on. */
  useToken(token: string): void;
  /** What the platform says of the network. */
  hint(online: boolean): void;
}

/** Writes an event of a client. */
export type Tell = (event: string, details: Record<string, unknown>) => void;

/** Opens a client on a platform. */
export type OpenHeld = (params: Params<"open">, tell: Tell) => Promise<Held>;

/** @param platform what differs from one to the other */
export async function openClient(
  { url, user, secondMs }: Params<"open">,
  tell: Tell,
  platform: Pick<Options, "token" | "storage" | "tabs" | "surroundings" | "realtime">,
): Promise<SyncClient> {
  const client = await SyncClient.open({ url, user, clock: scaledClock(secondMs), ...platform });
  client.on("status", (status) => tell("status", { status }));
  client.on("pending", (count) => tell("pending", { count }));
  client.on("deadLetter", ({ type, id, code }) => tell("dead-letter", { type, id, code }));
  client.on("error", ({ code, message }: SyncError) => tell("error", { code, message }));
  return client;
}
