import { serverCheck } from "../../check.ts";
import { encode } from "../../wire/jwt.ts";
import * as faulty from "./auth-refusals.mutants.ts";

export const refusalOfATokenThatWasSent = serverCheck({
  id: "AUTH-009/refusal-of-a-token-that-was-sent",
  name: "a bad token is answered with 401, TOKEN_INVALID and error=invalid_token",
  brokenBy: [faulty.forbidsBadTokens, faulty.challengesPlainly, faulty.callsBadTokensMissing],
  needs: ["forge-token"],
  async run({ device, expect, tokens }) {
    const invalid = [
      await tokens.unsigned(),
      await tokens.wrongSecret(),
      await tokens.algorithm("HS512"),
      await tokens.notYetValid(),
      await tokens.without("exp"),
      await tokens.without("sub"),
      await tokens.forge({ claims: { type: "refresh" } }),
    ];
    for (const token of invalid) {
      const refused = await device.with({ token }).tryPull();
      expect.problem(refused, 401, "TOKEN_INVALID");
      expect.header(refused, "www-authenticate", /^Bearer\b.*\berror="invalid_token"/i);
    }
    const refused = await device.with({ token: await tokens.expired() }).tryPull();
    expect.header(refused, "www-authenticate", /^Bearer\b.*\berror="invalid_token"/i);
    expect.status(await device.tryPull(), 200);
  },
});

export const noTokenAtAll = serverCheck({
  id: "AUTH-009/what-is-no-jwt",
  name: "text that is no JWT is refused as an invalid token",
  brokenBy: [faulty.forbidsBadTokens, faulty.callsBadTokensMissing, faulty.challengesPlainly],
  async run({ device, expect, unique }) {
    const payload = encode({ sub: device.user });
    for (const token of ["x", unique("token"), "a.b.c", "..", `${payload}.${payload}.${payload}`]) {
      const refused = await device.with({ token }).tryPull();
      expect.problem(refused, 401, "TOKEN_INVALID");
      expect.header(refused, "www-authenticate", /^Bearer\b.*\berror="invalid_token"/i);
    }
    expect.status(await device.tryPull(), 200);
  },
});

export const refusedTokenHasNoEffect = serverCheck({
  id: "AUTH-013/refused-token-has-no-effect",
  name: "a push, batch or deletion with a bad token changes nothing",
  brokenBy: [faulty.looksAtTokensAfterwards],
  async run({ device, newDevice, expect, tokens, anEntry, aGoal, aDeletion }) {
    const entry = anEntry();
    const goal = aGoal();
    const cursor = (await device.push({ entries: [entry] })).body.syncToken;

    const intruder = newDevice().with({ token: await tokens.wrongSecret() });
    expect.status(await intruder.tryPush({ entries: [anEntry(), aDeletion(entry)] }), 401);
    const inBatch = { id: goal["id"] as string, type: "goal" as const, data: goal };
    expect.status(await intruder.tryBatch([inBatch]), 401);

    expect.nothing("what the refused requests left behind", await device.changesSince(cursor));
    expect.outcomes(await device.batch([inBatch]), ["applied"]);
  },
});

export const expiredTokenHasNoEffect = serverCheck({
  id: "AUTH-013/expired-token-has-no-effect",
  name: "a push with an expired token of the same user changes nothing",
  brokenBy: [faulty.looksAtTokensAfterwards],
  needs: ["forge-token"],
  async run({ device, expect, tokens, anEntry }) {
    const entry = anEntry();
    const late = device.with({ token: await tokens.expired() });
    expect.status(await late.tryPush({ entries: [entry] }), 401);
    expect.nothing("what the expired token wrote", await device.pull());
    expect.outcomes(await device.push({ entries: [entry] }), ["applied"]);
  },
});

export const refusedDeviceIsNotCounted = serverCheck({
  id: "AUTH-013/refused-device-is-not-counted",
  name: "a device that came with a bad token is not counted among the user's",
  brokenBy: [faulty.countsDevicesOfAnybody],
  async run({ device, newDevice, expect, tokens }) {
    const before = (await device.status()).body.deviceCount;
    const intruder = newDevice().with({ token: await tokens.wrongSecret() });
    expect.status(await intruder.tryStatus(), 401);
    expect.status(await intruder.tryPull(), 401);
    expect.equal("number of devices", (await device.status()).body.deviceCount, before);

    await newDevice().pull();
    expect.equal(
      "number of devices after a good one came",
      (await device.status()).body.deviceCount,
      before + 1,
    );
  },
});

/** The longest piece of a token that chance may put into an error text. */
const PIECE = 12;

/** Every piece of the tokens of that length that stands in what the server said. */
function piecesIn(said: string, tokens: readonly string[]): string[] {
  return tokens.flatMap((token) =>
    Array.from({ length: Math.max(1, token.length - PIECE) }, (_, at) => token.slice(at, at + PIECE)).filter(
      (piece) => said.includes(piece),
    ),
  );
}

export const errorsTellNoTokens = serverCheck({
  id: "AUTH-014/errors-tell-no-tokens",
  name: "neither body nor headers of an error contain the token or a part of it",
  brokenBy: [
    faulty.quotesTheToken,
    faulty.quotesTheEndOfTheToken,
    faulty.quotesTheTokenInItsChallenge,
    faulty.dumpsHeadersIntoErrors,
  ],
  async run({ device, expect, http, tokens, unique }) {
    const bad = [await tokens.wrongSecret(), await tokens.unsigned(), unique("opaque-token")];
    for (const token of bad) {
      const refused = await device.with({ token }).tryPull();
      expect.status(refused, 401);
      const said = refused.text + JSON.stringify(refused.headers);
      expect.equal("pieces of the token in the refusal", piecesIn(said, [token]).length, 0);
    }

    // Other errors know the token too.
    const errors = [
      await http({ path: "/api/sync/push", as: device, text: "{" }),
      await http({ path: "/api/sync/push", as: device, json: { changes: 1 } }),
      await http({ path: "/api/sync/nowhere", as: device }),
      await http({ method: "DELETE", path: "/api/sync/push", as: device }),
    ];
    for (const error of errors) {
      expect.ok(`${error.label} is refused`, error.status >= 400 && error.status < 500, error.status);
      const said = error.text + JSON.stringify(error.headers);
      expect.equal("pieces of the token in the error", piecesIn(said, [device.token]).length, 0);
    }
  },
});
