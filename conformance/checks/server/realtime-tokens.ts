import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import type { Message } from "../../wire/messages.ts";
import * as faulty from "./realtime-tokens.mutants.ts";
import * as expiring from "./realtime-tokens-expiry.mutants.ts";

const MINUTE = 60_000;

/** A good token of the check's user that expires in so many ms. */
function lasting({ tokens, now }: ServerContext, ms: number): Promise<string> {
  return tokens.forge({ claims: { exp: Math.floor((now() + ms) / 1000) } });
}

/** Sends AUTH and waits for the next message. */
function authenticate(connection: Connection, token: string): Promise<Message> {
  const from = connection.frames.length;
  connection.send({ type: "AUTH", token });
  return connection.until("the answer to AUTH", (one) => connection.frames.indexOf(one) >= from);
}

/** The socket lives: it answers, and hears what the user writes. */
async function expectAlive(connection: Connection): Promise<void> {
  await connection.ping();
  await connection.fence();
}

/** Opens a socket of a fresh device by a token that expires in so many ms. */
async function connectLasting(context: ServerContext, ms: number): Promise<Connection> {
  return context.newDevice().connect({ token: await lasting(context, ms) });
}

/** Time passes for the server, while each of these sockets says something now and then: none is closed as idle. */
async function pass({ control, limits }: ServerContext, ms: number, ...live: Connection[]): Promise<void> {
  const step = limits.idleTimeoutMs / 2;
  for (let left = ms; left > 0; left -= step) {
    // One that expires meanwhile does not answer; how it ended is for the check to judge.
    await Promise.all(live.map((connection) => connection.ping().catch(() => {})));
    await control.advanceClock(Math.min(step, left));
  }
}

export const newTokenCounts = serverCheck({
  id: "AUTH-018/new-token-replaces-the-old",
  name: "AUTH with a good token is answered WELCOME, and its expiry counts from then on, be it later or sooner",
  brokenBy: [
    faulty.welcomesAndKeepsTheOldToken,
    faulty.keepsTheLaterToken,
    faulty.answersAuthWithNothing,
    faulty.refusesEveryAuth,
  ],
  needs: ["forge-token", "control:advance-clock"],
  async run(context) {
    const { expect } = context;
    const long = await lasting(context, 60 * MINUTE);
    const later = await connectLasting(context, 2 * MINUTE);
    const sooner = await context.newDevice().connect({ token: long });
    const untouched = await connectLasting(context, 2 * MINUTE);
    const welcome = await authenticate(later, long);
    expect.equal("answer to AUTH", welcome.type, "WELCOME");
    expect.ok("WELCOME has no lastSeq", !("lastSeq" in welcome), welcome);
    expect.equal(
      "answer to AUTH",
      (await authenticate(sooner, await lasting(context, 2 * MINUTE))).type,
      "WELCOME",
    );

    await pass(context, 3 * MINUTE + 5_000, later, sooner, untouched);
    await expect.closedWith(untouched, 4401);
    await expect.closedWith(sooner, 4401);
    await expectAlive(later);
  },
});

export const goodTokensAreWelcomed = serverCheck({
  id: "AUTH-018/good-token-is-welcomed",
  name: "AUTH with a good token of the same user is answered WELCOME, again and again, and the socket goes on",
  brokenBy: [faulty.answersAuthWithNothing, faulty.refusesEveryAuth, faulty.startsAnewOnAuth],
  async run({ device, tokens, anEntry, expect }) {
    const connection = await device.connect();
    await connection.catchUp();
    const { lastSeq: before } = expect.ack(await connection.write("logbook_entry", anEntry()), "applied");
    for (const token of [await tokens.valid(), device.token]) {
      expect.equal("answer to AUTH", (await authenticate(connection, token)).type, "WELCOME");
      await expectAlive(connection);
    }
    // Its place in the log is not lost by that: acknowledgements name it if they did before (RT-024).
    const ack = expect.ack(await connection.write("logbook_entry", anEntry()), "applied");
    const named = before === undefined || (ack.lastSeq ?? 0) > before;
    expect.ok("the acknowledgement names a later place", named, ack);
  },
});

export const badTokensChangeNothing = serverCheck({
  id: "AUTH-018/bad-token-leaves-the-old",
  name: "AUTH with a bad token is answered TOKEN_INVALID, and the socket goes on",
  brokenBy: [
    faulty.decodesTokensOfAuth,
    faulty.closesOnBadAuth,
    faulty.saysNothingToBadAuth,
    faulty.looksAtTheSubjectFirst,
    faulty.endsTheOldTokenByABadOne,
  ],
  async run({ device, tokens, stranger, anEntry, expect }) {
    const other = await stranger();
    const connection = await device.connect();
    const bad = [await tokens.wrongSecret(), await tokens.unsigned(), await tokens.tampered(other.user)];
    for (const token of [...bad, "no-token", ""]) {
      expect.errorFrame(await authenticate(connection, token), "TOKEN_INVALID");
      await expectAlive(connection);
    }
    expect.ack(await connection.write("logbook_entry", anEntry()), "applied");
    expect.equal("answer to a good one", (await authenticate(connection, device.token)).type, "WELCOME");
  },
});

export const unfitTokensChangeNothing = serverCheck({
  id: "AUTH-018/unfit-token-leaves-the-old",
  name: "AUTH with a token that is signed well but expired, without exp, or for another purpose changes nothing",
  brokenBy: [faulty.looksAtSignaturesOfAuthOnly, faulty.closesOnBadAuth, faulty.decodesTokensOfAuth],
  needs: ["forge-token"],
  async run({ device, tokens, expect }) {
    const connection = await device.connect();
    const bad = [
      await tokens.without("exp"),
      await tokens.without("sub"),
      await tokens.notYetValid(),
      await tokens.forge({ claims: { type: "refresh" } }),
    ];
    for (const token of bad) {
      expect.errorFrame(await authenticate(connection, token), "TOKEN_INVALID");
      await expectAlive(connection);
    }
    // The one about AUTH names one code for all; a server may say more exactly what HTTP would.
    const { type, code } = await authenticate(connection, await tokens.expired());
    expect.ok("an expired one is refused", type === "ERROR", type);
    expect.ok("its code", code === "TOKEN_INVALID" || code === "TOKEN_EXPIRED", code);
    await expectAlive(connection);
  },
});

export const badTokensMoveNoExpiry = serverCheck({
  id: "AUTH-018/bad-token-moves-no-expiry",
  name: "AUTH with a bad token neither prolongs the socket's life nor shortens it",
  brokenBy: [faulty.takesExpiryFromBadTokens, faulty.decodesTokensOfAuth, faulty.endsTheOldTokenByABadOne],
  needs: ["forge-token", "control:advance-clock"],
  async run(context) {
    const { tokens, now, expect } = context;
    const short = await connectLasting(context, 2 * MINUTE);
    const long = await connectLasting(context, 30 * MINUTE);
    // Signed by another secret; valid for an hour.
    expect.errorFrame(await authenticate(short, await tokens.wrongSecret()), "TOKEN_INVALID");
    const unfit = { type: "refresh", exp: Math.floor((now() + 2 * MINUTE) / 1000) };
    expect.errorFrame(await authenticate(long, await tokens.forge({ claims: unfit })), "TOKEN_INVALID");

    await pass(context, 3 * MINUTE + 5_000, short, long);
    await expect.closedWith(short, 4401);
    await expectAlive(long);
  },
});

export const anotherUsersToken = serverCheck({
  id: "AUTH-018/another-users-token-closes",
  name: "AUTH with another user's token closes the socket with 4403, and nobody else's",
  brokenBy: [
    faulty.switchesUsers,
    faulty.closesOtherUsersWith4401,
    faulty.refusesOtherUsersByError,
    faulty.closesTheOtherUsersSockets,
  ],
  async run({ device, newDevice, stranger, anEntry, expect }) {
    const other = await stranger();
    const theirs = await other.connect();
    const sibling = await newDevice().connect();
    const connection = await device.connect();
    connection.send({ type: "AUTH", token: other.token });
    const change = { type: "ENTRY_CREATED", entry: anEntry() };
    connection.send(change);
    await expect.closedWith(connection, 4403);

    await expectAlive(theirs);
    await expectAlive(sibling);
    const entries = (await other.pull()).body.entries.length;
    expect.equal("entries that the other user has", entries, 0);
    await (await device.connect()).ping();
  },
});

export const expiredSocketsAreClosed = serverCheck({
  id: "AUTH-019/closed-within-a-minute",
  name: "a socket is closed with 4401 within a minute after its token expired, and not before",
  brokenBy: [
    expiring.neverClosesExpiredSockets,
    expiring.givesSocketsAnHour,
    expiring.closesExpiredSocketsWith1008,
    expiring.looksAtExpiryWhenSpokenTo,
    expiring.closesSocketsTooEarly,
    expiring.closesAllOfTheUser,
  ],
  needs: ["forge-token", "control:advance-clock"],
  async run(context) {
    const { expect } = context;
    const silent = await connectLasting(context, 3 * MINUTE);
    const busy = await connectLasting(context, 3 * MINUTE);
    await busy.catchUp();
    const long = await connectLasting(context, 30 * MINUTE);
    await pass(context, 2 * MINUTE, silent, busy, long);
    await expectAlive(silent);
    await expectAlive(busy);

    // A minute after it, and some seconds for clocks that differ.
    await pass(context, 2 * MINUTE + 5_000, silent, busy, long);
    await expect.closedWith(silent, 4401);
    await expect.closedWith(busy, 4401);
    await expectAlive(long);
  },
});

export const longTokens = serverCheck({
  id: "AUTH-019/tokens-of-a-long-life",
  name: "a socket by a token that lasts for years lives",
  brokenBy: [expiring.overflowsItsTimers, expiring.keepsExpIn32Bits],
  needs: ["forge-token", "control:advance-clock"],
  async run(context) {
    const { expect } = context;
    const short = await connectLasting(context, MINUTE);
    // More than 2^31 ms, and more than 2^31 s after 1970.
    for (const days of [30, 365, 40_000])
      await expectAlive(await connectLasting(context, days * 1_440 * MINUTE));
    await pass(context, 2 * MINUTE + 5_000, short);
    await expect.closedWith(short, 4401);
  },
});

export const expiryAfterEviction = serverCheck({
  id: "AUTH-019/after-an-eviction",
  name: "a server that was out of memory meanwhile still closes expired sockets, by the latest token of AUTH",
  brokenBy: [expiring.forgetsExpiryWhenEvicted, expiring.neverClosesExpiredSockets],
  needs: ["forge-token", "control:evict", "control:advance-clock"],
  async run(context) {
    const { control, device, expect } = context;
    const short = await connectLasting(context, 2 * MINUTE);
    const prolonged = await connectLasting(context, 2 * MINUTE);
    const welcome = await authenticate(prolonged, await lasting(context, 30 * MINUTE));
    expect.equal("answer to AUTH", welcome.type, "WELCOME");
    await control.evict(device.user);
    await pass(context, 3 * MINUTE + 5_000, short, prolonged);
    // A server that closed its sockets when it left memory has kept to RT-040 as well.
    const { code } = await short.closed();
    expect.ok(
      "the socket was closed with 4401, or 1012 at the eviction",
      code === 4401 || code === 1012,
      code,
    );
    // The end of this one may still be on its way.
    const answered = await prolonged.ping().then(
      () => true,
      () => false,
    );
    if (!answered) await expect.closedWith(prolonged, 1012);
  },
});
