import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import { Connection } from "../../wire/connection.ts";
import * as faulty from "./realtime-token-ends.mutants.ts";

const MINUTE_MS = 60_000;
/** For clocks that differ, and the way of the close frame. */
const GRACE_MS = 3_000;
/** A socket that is busy, and costs a server little. */
const TALK_EVERY_MS = 200;

/** A token that is good for `ms` more: its `exp` is that long within the leeway, so that its minute ends soon. */
async function nearItsEnd({ tokens, now, limits }: ServerContext, ms: number): Promise<[string, number]> {
  const exp = Math.ceil((now() + ms - (limits.tokenLeewayMs ?? MINUTE_MS)) / 1000);
  return [await tokens.forge({ claims: { exp } }), exp * 1000];
}

/** Waits, a minute after `exp` at most, until the connection has ended; `meanwhile` goes on until then. */
async function endsInTime(
  { waitFor, now, expect }: ServerContext,
  connection: Connection,
  exp: number,
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<void> {
  const left = Math.max(GRACE_MS, exp + MINUTE_MS + GRACE_MS - now());
  let nextAt = 0;
  const hasEnded = async (): Promise<boolean> => {
    if (connection.closing === undefined && performance.now() >= nextAt) {
      nextAt = performance.now() + TALK_EVERY_MS;
      await meanwhile().catch(() => {});
    }
    return connection.closing !== undefined;
  };
  await waitFor("the socket is closed within a minute after the end of its token", hasEnded, left);
  await expect.closedWith(connection, 4401);
}

export const shorterTokenOfAuth = serverCheck({
  id: "AUTH-018/shorter-token-ends-the-socket",
  name: "a token of AUTH that expires before the old one ends the socket at its own time",
  brokenBy: [faulty.keepsTheLaterEnd, faulty.keepsTheEndOfTheOpening],
  needs: ["forge-token"],
  timeoutMs: 90_000,
  // So its minute is over soon after it was taken.
  model: { limits: { tokenLeewayMs: 60_000 } },
  async run(context) {
    const { newDevice, expect, inconclusive } = context;
    const untouched = await newDevice().connect();
    // A clock that is a little ahead takes what is near its end for expired.
    for (const ms of [2_000, 5_000]) {
      const connection = await newDevice().connect();
      const [token, exp] = await nearItsEnd(context, ms);
      const from = connection.frames.length;
      connection.send({ type: "AUTH", token });
      await context.waitFor(
        "an answer to AUTH",
        async () => connection.frames.length > from || connection.closing !== undefined,
      );
      const answer = connection.frames[from];
      if (answer?.type === "ERROR") continue;
      if (answer) expect.equal("answer to AUTH", answer.type, "WELCOME");
      await endsInTime(context, connection, exp);
      await untouched.ping();
      return;
    }
    inconclusive("no token near its end was taken");
  },
});

export const busySocketsEnd = serverCheck({
  id: "AUTH-019/closed-while-it-talks",
  name: "a socket that talks all the while, and one that hears others, is closed when its token is over",
  brokenBy: [
    faulty.keepsTalkingSocketsAlive,
    faulty.keepsWritingSocketsAlive,
    faulty.keepsSocketsOfBusyUsersAlive,
  ],
  needs: ["forge-token"],
  timeoutMs: 90_000,
  model: { limits: { tokenLeewayMs: 60_000 } },
  async run(context) {
    const { newDevice, device, anEntry, aGoal, expect, inconclusive } = context;
    for (const ms of [2_000, 5_000]) {
      const [token, exp] = await nearItsEnd(context, ms);
      const opened = await Promise.all(
        ["pings", "writes", "listens"].map(() => newDevice().tryConnect({ token })),
      );
      const [pings, writes, listens] = opened;
      if (!(pings instanceof Connection && writes instanceof Connection && listens instanceof Connection))
        continue;
      await Promise.all([
        endsInTime(context, pings, exp, () => pings.ping()),
        endsInTime(context, writes, exp, () => writes.write("goal", aGoal())),
        endsInTime(context, listens, exp, () => device.push({ entries: [anEntry()] })),
      ]);
      expect.ok("others live on", (await (await newDevice().connect()).ping()).type === "PONG");
      return;
    }
    inconclusive("no token near its end opened a socket");
  },
});
