import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import * as faulty from "./auth-claims.mutants.ts";
import * as ofTimes from "./auth-claims-times.mutants.ts";

type Claims = Record<string, unknown>;

/** Tokens with these claims get nobody in. How the refusal looks is AUTH-009's matter. */
async function expectTurnedAway(
  { device, expect, tokens }: ServerContext,
  variants: readonly Claims[],
): Promise<void> {
  for (const claims of variants) {
    const { status, summary } = await device.with({ token: await tokens.forge({ claims }) }).tryPull();
    expect.ok(
      `a token with ${JSON.stringify(claims, orUndefined)} is refused`,
      status >= 400 && status < 500,
      summary,
    );
  }
}

async function expectLetIn({ device, tokens }: ServerContext, variants: readonly Claims[]): Promise<void> {
  for (const claims of variants) await device.with({ token: await tokens.forge({ claims }) }).pull();
}

const orUndefined = (_name: string, value: unknown): unknown => (value === undefined ? "(absent)" : value);

export const expired = serverCheck({
  id: "AUTH-004/expired-token",
  name: "a token is refused as expired once its leeway is over, however long ago",
  brokenBy: [
    ofTimes.neverExpiresTokens,
    ofTimes.hasAnHourOfLeeway,
    ofTimes.takesExpZeroForNone,
    ofTimes.callsExpiredTokensInvalid,
  ],
  needs: ["forge-token"],
  async run(context) {
    const { device, expect, tokens } = context;
    // 15 s beyond the greatest leeway there may be: the two clocks need not agree to the second.
    const variants = [await tokens.expired(75_000), await tokens.expired(365 * 86_400_000)];
    variants.push(await tokens.forge({ claims: { exp: 0 } }));
    for (const token of variants) {
      const refused = await device.with({ token }).tryPull();
      expect.equal(
        `answer to an expired token (${refused.summary})`,
        [refused.status, refused.problem.code],
        [401, "TOKEN_EXPIRED"],
      );
    }
    // Expiry is all that was wrong with them.
    await expectLetIn(context, [{ exp: Math.floor(context.now() / 1000) + 300 }]);
  },
});

export const leeway = serverCheck({
  id: "AUTH-004/leeway-of-a-minute-at-most",
  name: "the advertised leeway is 60 seconds at most, and no token outlives it",
  brokenBy: [ofTimes.advertisesTenMinutesOfLeeway],
  needs: ["forge-token"],
  async run({ device, expect, http, tokens }) {
    const discovery = await http<{ limits: Record<string, number> }>({
      path: "/.well-known/mirubato-sync",
      anyAnswer: true,
    });
    // Where nothing is advertised the default holds, which is 60 seconds.
    const advertised = discovery.status === 200 ? discovery.body.limits["tokenLeewayMs"] : undefined;
    const leewayMs = advertised ?? 60_000;
    expect.ok("tokenLeewayMs is at most 60000", leewayMs <= 60_000, leewayMs);

    const refused = await device.with({ token: await tokens.expired(leewayMs + 15_000) }).tryPull();
    expect.status(refused, 401);
    expect.status(await device.tryPull(), 200);
  },
});

export const expiryOfAnyType = serverCheck({
  id: "AUTH-005/exp-absent-or-no-number",
  name: "a token without a number for exp is refused",
  brokenBy: [
    ofTimes.needsNoExp,
    ofTimes.comparesExpAsItComes,
    ofTimes.convertsExp,
    ofTimes.wantsWholeSecondsOfExp,
  ],
  needs: ["forge-token"],
  async run(context) {
    const later = Math.floor(context.now() / 1000) + 3_600;
    await expectTurnedAway(
      context,
      [undefined, null, String(later), "never", new Date(later * 1000).toISOString(), true, [later], {}].map(
        (exp) => ({ exp }),
      ),
    );
    // A NumericDate may have a fraction (RFC 7519).
    await expectLetIn(context, [{ exp: later }, { exp: later + 0.5 }]);
  },
});

export const notBefore = serverCheck({
  id: "AUTH-006/not-before",
  name: "a token is refused before its nbf and accepted after it",
  brokenBy: [ofTimes.ignoresNotBefore, ofTimes.hasAnHourOfLeeway, ofTimes.refusesAnyNotBefore],
  needs: ["forge-token"],
  async run(context) {
    const seconds = Math.floor(context.now() / 1000);
    await expectTurnedAway(context, [
      { nbf: seconds + 75 },
      { nbf: seconds + 86_400, exp: seconds + 90_000 },
    ]);
    await expectLetIn(context, [{ nbf: seconds - 75 }, { nbf: 0 }]);
  },
});

export const notBeforeOfAnyType = serverCheck({
  id: "AUTH-006/nbf-that-is-no-number",
  name: "a token with an nbf that is not a number is refused",
  brokenBy: [
    ofTimes.comparesNotBeforeAsItComes,
    ofTimes.ignoresNotBefore,
    ofTimes.takesNullNotBeforeForNone,
    ofTimes.takesFalsyNotBeforeForNone,
  ],
  needs: ["forge-token"],
  async run(context) {
    const past = Math.floor(context.now() / 1000) - 75;
    await expectTurnedAway(
      context,
      [null, "", false, String(past), "now", true, [past], {}].map((nbf) => ({ nbf })),
    );
    await expectLetIn(context, [{ nbf: past }]);
  },
});

export const subjectThatIsNone = serverCheck({
  id: "AUTH-007/sub-absent-or-no-text",
  name: "a token without a text for sub is refused",
  brokenBy: [faulty.takesTokensOfNobody, faulty.takesEmptySubjects, faulty.convertsSubjects],
  needs: ["forge-token"],
  async run(context) {
    const { user } = context.device;
    await expectTurnedAway(
      context,
      [undefined, null, "", 12_345, 0, true, [user], { id: user }].map((sub) => ({ sub })),
    );
    await expectLetIn(context, [{ sub: user }]);
  },
});

export const lengthOfTheSubject = serverCheck({
  id: "AUTH-007/sub-of-255-characters-at-most",
  name: "a sub of 255 characters names a user, one of 256 does not",
  brokenBy: [faulty.takesSubjectsOfAnyLength, faulty.refusesSubjectsOver128, faulty.countsBytesOfSubjects],
  needs: ["forge-token"],
  async run({ device, expect, tokens, anEntry }) {
    const user = device.user.padEnd(255, "ü");
    const longest = device.with({ user, token: await tokens.valid(user) });
    const entry = anEntry();
    expect.outcomes(await longest.push({ entries: [entry] }), ["applied"]);
    expect.liveIds(await longest.pull(), [entry["id"] as string]);

    const tooLong = await tokens.valid(`${user}x`);
    const { status, summary } = await device.with({ token: tooLong }).tryPull();
    expect.ok("a sub of 256 characters is refused", status >= 400 && status < 500, summary);
  },
});

export const otherPurposes = serverCheck({
  id: "AUTH-008/tokens-for-other-purposes",
  name: "a token that says it is of another type than access is refused, one that says nothing is not",
  brokenBy: [
    faulty.takesTokensForAnyPurpose,
    faulty.refusesRefreshTokensOnly,
    faulty.refusesEveryType,
    faulty.checksPurposeOfWritesOnly,
    faulty.takesNullPurposesForNone,
    faulty.takesFalsyPurposesForNone,
  ],
  needs: ["forge-token"],
  async run(context) {
    await expectTurnedAway(
      context,
      ["refresh", "magic_link", "magic-link", "password_reset", "Access", "", null, 0, false, ["access"]].map(
        (type) => ({ type }),
      ),
    );
    await expectLetIn(context, [{ type: "access" }, {}]);
  },
});
