import type { OpenStage, ServerContext } from "../check.ts";
import { CheckFailure, CouldNotRun } from "../verdict.ts";
import type { Device } from "../wire/device.ts";
import type { Played } from "./faults.ts";
import type { FuzzMessage } from "./messages.ts";
import { playMessages } from "./play-messages.ts";
import { playRequests } from "./play-requests.ts";
import type { FuzzRequest } from "./requests.ts";

export type Channel = "http" | "realtime";
export type Input = FuzzRequest | FuzzMessage;

/** How hard a server is pressed; the defaults suit a run of the suite. */
export interface Pace {
  /** Requests at once. */
  atOnce?: number;
  /** Sockets of each user at once. */
  sockets?: number;
  /** Most messages on one socket. */
  perSocket?: number;
  /** Users at least; one alone hears nothing of others. */
  least?: number;
  /** False once no more inputs are to be sent; those that were are judged. */
  wanted?: () => boolean;
}

const MAX_USERS = 40;

/** Sends inputs for the users of a context, as many as its limits on rates ask for. */
export async function send(
  { context }: Pick<OpenStage, "context">,
  channel: Channel,
  inputs: readonly Input[],
  { atOnce = 4, sockets = 3, perSocket = 60, least, wanted = () => true }: Pace = {},
): Promise<Played<Input>> {
  const { limits } = context;
  if (channel === "http") {
    // Of what a user may send at once a little more than the half.
    const each = Math.max(1, Math.floor(0.55 * (limits.requestBurst ?? 1_000)) - 6);
    const users = await usersOf(context, Math.max(least ?? 3, Math.ceil(inputs.length / each)));
    return playRequests(context, inputs as FuzzRequest[], { users, atOnce, wanted });
  }
  const most = Math.max(1, Math.floor(0.7 * (limits.messageBurst ?? 250)) - 2);
  const users = await usersOf(context, least ?? 2);
  return playMessages(context, inputs, {
    users,
    sockets,
    wanted,
    perSocket: Math.min(perSocket, most),
  });
}

async function usersOf({ device, stranger }: ServerContext, count: number): Promise<Device[]> {
  const more = Math.min(count, MAX_USERS) - 1;
  return [device, ...(await Promise.all(Array.from({ length: more }, () => stranger())))];
}

/** Plays something on a stage of its own. */
export async function onStage<T>(context: ServerContext, play: (stage: OpenStage) => Promise<T>): Promise<T> {
  const stage = await context.theatre.open();
  try {
    const result = await play(stage);
    stage.sockets.demandWellFormed();
    return result;
  } catch (error) {
    if (error instanceof CheckFailure) error.evidence ??= { transcript: stage.transcript };
    else if (error instanceof CouldNotRun)
      throw new CouldNotRun(`inputs of all kinds: ${error.message}`, { cause: error });
    throw error;
  } finally {
    await stage.sockets.endAll();
  }
}
