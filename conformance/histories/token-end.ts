import { setTimeout as delay } from "node:timers/promises";
import { CheckFailure, NotApplicable } from "../verdict.ts";
import type { Line, Player } from "./device.ts";
import type { Stage } from "./play.ts";
import { connect } from "./read.ts";
import type { Recorder } from "./record.ts";

const MINUTE_MS = 60_000;
/** For clocks that differ, and the way of the close frame. */
const GRACE_MS = 3_000;
const GLANCE_MS = 10;
/**
 * How much longer its token is good for, and whether the leeway is counted on: a server whose clock is a little ahead takes the first
 * for expired, one that gives no leeway the second too.
 */
const LIVES = [
  { ms: 2_000, counts: 1 },
  { ms: 5_000, counts: 1 },
  { ms: 2_000, counts: 0 },
] as const;

/** Opens a socket with a token that ends soon; with a usual one where none such can be made or is taken. */
export async function connectForAWhile(
  recorder: Recorder,
  player: Player,
  { tokens, now, limits }: Stage,
): Promise<Line | undefined> {
  for (const { ms, counts } of LIVES) {
    const exp = Math.ceil((now() + ms - counts * (limits.tokenLeewayMs ?? MINUTE_MS)) / 1000);
    try {
      const token = await tokens.forge({ claims: { exp } }, player.device.user);
      const line = await connect(recorder, player, token);
      if (line) player.passing = { line, exp: exp * 1000 };
      return line;
    } catch (error) {
      if (error instanceof NotApplicable) break;
      // Refused, or closed before its welcome: to this server's clock it has expired. Another fault shows with the usual token, too.
      if (!(error instanceof CheckFailure)) throw error;
    }
  }
  return connect(recorder, player);
}

/** Waits until the server has ended the socket whose token has: a minute after it at most (AUTH-019 judges that). */
export async function tokenEnds(recorder: Recorder, player: Player, { now, signal }: Stage): Promise<void> {
  const { passing } = player;
  if (!passing) return;
  const { connection } = passing.line;
  const latest = passing.exp + MINUTE_MS + GRACE_MS;
  while (connection.closing === undefined && now() < latest) await delay(GLANCE_MS, undefined, { signal });
  delete player.passing;
  if (connection.closing?.code === 4401) recorder.event("token-end");
}
