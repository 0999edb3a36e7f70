import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { ConnectOptions } from "../../wire/connection.ts";
import * as faulty from "./realtime-upgrade.mutants.ts";

/** The upgrade is refused, before it happens, with this problem. */
async function expectRefused(
  { device, expect }: ServerContext,
  options: ConnectOptions,
  ...[status, code]: [400, "INVALID_REQUEST"] | [401, "TOKEN_INVALID" | "TOKEN_EXPIRED"] | [403, "FORBIDDEN"]
): Promise<void> {
  expect.problem(expect.refusedUpgrade(await device.tryConnect(options)), status, code);
}

/** Every way to bring the token; what is refused with one is refused with the other. */
const WAYS = ["query", "subprotocol"] as const;

export const incompleteAddress = serverCheck({
  id: "AUTH-016/without-user-or-token",
  name: "an upgrade without userId or without a token is refused with 400, a complete one is not",
  brokenBy: [
    faulty.takesTheUserFromTheToken,
    faulty.calls400MissingTokens,
    faulty.upgradesAnybodyAndThenCloses,
    faulty.asksForNothingBeforeAuth,
  ],
  async run(context) {
    await expectRefused(context, { userId: null }, 400, "INVALID_REQUEST");
    await expectRefused(context, { token: null }, 400, "INVALID_REQUEST");
    await expectRefused(context, { userId: null, via: "subprotocol" }, 400, "INVALID_REQUEST");
    const protocols = ["mirubato.v1"];
    await expectRefused(context, { token: null, protocols }, 400, "INVALID_REQUEST");
    await (await context.device.connect()).ping();
  },
});

export const badTokens = serverCheck({
  id: "AUTH-016/bad-tokens",
  name: "an upgrade with a bad token is refused with 401 by the rules of HTTP",
  brokenBy: [
    faulty.decodesTokensOfSockets,
    faulty.looksAtSignaturesOnly,
    faulty.forbidsBadTokensOfSockets,
    faulty.upgradesAnybodyAndThenCloses,
    faulty.takesTokensOfAnyPurposeOnSockets,
  ],
  needs: ["forge-token"],
  async run(context) {
    const { tokens, device } = context;
    const invalid = [
      await tokens.wrongSecret(),
      await tokens.unsigned(),
      await tokens.without("exp"),
      await tokens.without("sub"),
      await tokens.notYetValid(),
      await tokens.algorithm("HS512"),
      await tokens.forge({ claims: { type: "refresh" } }),
      "no-token",
    ];
    for (const token of invalid) await expectRefused(context, { token }, 401, "TOKEN_INVALID");
    await expectRefused(context, { token: await tokens.expired() }, 401, "TOKEN_EXPIRED");
    await (await device.connect({ token: await tokens.valid() })).ping();
  },
});

export const alteredTokens = serverCheck({
  id: "AUTH-016/tokens-of-an-altered-subject",
  name: "a token whose subject was altered after signing opens nobody's socket",
  brokenBy: [faulty.decodesTokensOfSockets, faulty.upgradesAnybodyAndThenCloses],
  async run(context) {
    const { tokens, stranger, device, expect } = context;
    const other = await stranger();
    // The token of one user, altered to open the socket of another.
    for (const via of WAYS) {
      const token = await tokens.tampered(other.user);
      const refused = await device.tryConnect({ token, userId: other.user, via });
      expect.problem(expect.refusedUpgrade(refused), 401, "TOKEN_INVALID");
    }
    await (await other.connect()).ping();
  },
});

export const anotherUser = serverCheck({
  id: "AUTH-016/userid-that-is-not-the-subject",
  name: "a userId that is not the token's subject is refused with 403",
  brokenBy: [
    faulty.believesTheUserId,
    faulty.ignoresTheUserId,
    faulty.calls403BadTokens,
    faulty.comparesUsersWithoutCase,
  ],
  async run(context) {
    const { stranger, device, anEntry, expect } = context;
    const other = await stranger();
    await other.push({ entries: [anEntry()] });
    for (const via of WAYS) {
      await expectRefused(context, { userId: other.user, via }, 403, "FORBIDDEN");
      await expectRefused(context, { userId: `${device.user}0`, via }, 403, "FORBIDDEN");
      await expectRefused(context, { userId: device.user.toUpperCase(), via }, 403, "FORBIDDEN");
      await (await device.connect({ via })).ping();
    }
    await (await other.connect()).ping();
    expect.nothing("what the refused left behind", await device.pull());
  },
});

export const noUpgrade = serverCheck({
  id: "AUTH-016/request-without-upgrade",
  name: "a request to the socket that is no upgrade is refused with 426",
  brokenBy: [faulty.hidesTheSocketFromHttp, faulty.callsMissingUpgrades400, faulty.upgradesWithoutBeingAsked],
  async run({ device, http, socketPath, expect }) {
    const query = new URLSearchParams({ userId: device.user, token: device.token });
    expect.problem(await http({ path: `${socketPath}?${query}` }), 426, "UPGRADE_REQUIRED");
    await (await device.connect()).ping();
  },
});

export const subprotocol = serverCheck({
  id: "AUTH-017/token-as-subprotocol",
  name: "a token among the subprotocols opens a socket that speaks mirubato.v1 and works like any other",
  brokenBy: [
    faulty.knowsNoSubprotocols,
    faulty.selectsTheToken,
    faulty.selectsNoSubprotocol,
    faulty.losesUsersOfSubprotocols,
  ],
  async run({ device, newDevice, anEntry, edited, expect }) {
    const connection = await device.connect({ via: "subprotocol" });
    expect.equal("selected subprotocol", connection.protocol, "mirubato.v1");
    await connection.ping();
    const entry = anEntry();
    expect.ack(await connection.write("logbook_entry", entry), "applied");
    expect.live(await newDevice().pull(), entry["id"] as string);

    await newDevice().push({ entries: [edited(entry, { duration: 91 })] });
    const told = await connection.hears(entry["id"] as string);
    expect.equal("duration as told", told.item?.["duration"], 91);

    const plain = await newDevice().connect();
    expect.equal("subprotocol where none was offered", plain.protocol, "");
  },
});

export const badSubprotocolTokens = serverCheck({
  id: "AUTH-017/bad-tokens-as-subprotocol",
  name: "a bad token among the subprotocols is refused as in the query",
  brokenBy: [faulty.believesSubprotocols, faulty.ignoresExpiryOfSubprotocols, faulty.knowsNoSubprotocols],
  needs: ["forge-token"],
  async run(context) {
    const { device, tokens } = context;
    const via = "subprotocol";
    await expectRefused(context, { via, token: await tokens.wrongSecret() }, 401, "TOKEN_INVALID");
    await expectRefused(context, { via, token: await tokens.unsigned() }, 401, "TOKEN_INVALID");
    await expectRefused(context, { via, token: await tokens.expired() }, 401, "TOKEN_EXPIRED");
    await (await device.connect({ via })).ping();
  },
});
