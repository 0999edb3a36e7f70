import { serverCheck } from "../../check.ts";
import * as faulty from "./realtime-upgrade-order.mutants.ts";

export const authorization = serverCheck({
  id: "AUTH-020/authorization-does-not-count",
  name: "an Authorization header opens no socket, and spoils none",
  brokenBy: [faulty.readsAuthorizationOfUpgrades, faulty.judgesAuthorizationOfUpgrades],
  async run({ device, tokens, expect }) {
    const good = { authorization: `Bearer ${device.token}` };
    const refused = await device.tryConnect({ token: null, headers: good });
    expect.problem(expect.refusedUpgrade(refused), 400, "INVALID_REQUEST");
    for (const value of [`Bearer ${await tokens.wrongSecret()}`, "Basic dXNlcjpwYXNzd29yZA=="]) {
      for (const via of ["query", "subprotocol"] as const) {
        const opened = await device.tryConnect({ via, headers: { authorization: value } });
        await expect.opened(opened).ping();
      }
    }
  },
});

export const cookies = serverCheck({
  id: "AUTH-020/cookie-does-not-count",
  name: "the cookie opens no socket, also from an allowed origin, and spoils none",
  brokenBy: [faulty.readsCookiesOfUpgrades, faulty.prefersCookiesOfUpgrades],
  needs: ["origin"],
  async run({ device, tokens, origin, expect }) {
    const headers = { origin, cookie: `auth-token=${device.token}` };
    const refused = await device.tryConnect({ token: null, headers });
    expect.problem(expect.refusedUpgrade(refused), 400, "INVALID_REQUEST");
    const cookie = `auth-token=${await tokens.wrongSecret()}`;
    for (const via of ["query", "subprotocol"] as const)
      await expect.opened(await device.tryConnect({ via, headers: { origin, cookie } })).ping();
  },
});

export const offeredAlone = serverCheck({
  id: "AUTH-022/offered-beside-the-query",
  name: "mirubato.v1 is selected also where the token stands in the query",
  brokenBy: [faulty.selectsBesideBearersOnly, faulty.selectsTheFirstOffer],
  async run({ device, newDevice, anEntry, expect }) {
    for (const protocols of [["mirubato.v1"], ["chat", "mirubato.v1"]]) {
      const connection = expect.opened(await device.tryConnect({ protocols }));
      expect.equal("selected subprotocol", connection.protocol, "mirubato.v1");
      await connection.ping();
      const entry = anEntry();
      expect.ack(await connection.write("logbook_entry", entry), "applied");
      expect.live(await newDevice().pull(), entry["id"] as string);
    }
  },
});

export const order = serverCheck({
  id: "AUTH-021/order-of-judgement",
  name: "of several faults of an upgrade the first in the order is answered: 426, 400, 401, 403",
  brokenBy: [
    faulty.asksForCredentialsBeforeTheUpgrade,
    faulty.judgesTokensBeforeTheAddress,
    faulty.comparesUsersBeforeTokens,
  ],
  async run({ device, stranger, tokens, http, socketPath, expect }) {
    const other = await stranger();
    expect.problem(await http({ path: socketPath }), 426, "UPGRADE_REQUIRED");
    const bad = await tokens.tampered(other.user);
    const query = new URLSearchParams({ userId: other.user, token: bad });
    expect.problem(await http({ path: `${socketPath}?${query}` }), 426, "UPGRADE_REQUIRED");
    for (const via of ["query", "subprotocol"] as const) {
      const unnamed = await device.tryConnect({ via, userId: null, token: bad });
      expect.problem(expect.refusedUpgrade(unnamed), 400, "INVALID_REQUEST");
      const foreign = await device.tryConnect({ via, userId: `${other.user}0`, token: bad });
      expect.problem(expect.refusedUpgrade(foreign), 401, "TOKEN_INVALID");
    }
    await (await device.connect()).ping();
  },
});
