import { serverCheck } from "../../check.ts";
import type { ServerCheck, ServerContext } from "../../check.ts";
import type { Mutant } from "../../model/mutant.ts";
import * as faulty from "./auth-places.mutants.ts";

type Kind = [what: string, mint: (context: ServerContext) => Promise<string>];

const claiming =
  (claims: (context: ServerContext) => Record<string, unknown>) =>
  (context: ServerContext): Promise<string> =>
    context.tokens.forge({ claims: claims(context) });

/** What can be wrong with a token, by the requirement that says so. */
const KINDS = {
  "AUTH-002": [
    ["alg none", ({ tokens }) => tokens.unsigned()],
    ["HS384", ({ tokens }) => tokens.algorithm("HS384")],
    ["HS512", ({ tokens }) => tokens.algorithm("HS512")],
    ["alg RS256", ({ tokens }) => tokens.forge({ header: { alg: "RS256" } })],
  ],
  "AUTH-003": [
    ["another secret", ({ tokens }) => tokens.wrongSecret()],
    ["an altered payload", ({ tokens, device }) => tokens.tampered(`${device.user}0`)],
    ["a cut signature", async ({ device }) => device.token.slice(0, -4)],
  ],
  "AUTH-004": [
    ["an exp that is over", ({ tokens }) => tokens.expired()],
    ["an exp of 0", claiming(() => ({ exp: 0 }))],
  ],
  "AUTH-005": [
    ["no exp", ({ tokens }) => tokens.without("exp")],
    ["a text for exp", claiming(({ now }) => ({ exp: String(Math.floor(now() / 1_000) + 3_600) }))],
  ],
  "AUTH-006": [
    ["an nbf ahead", ({ tokens }) => tokens.notYetValid()],
    ["a text for nbf", claiming(() => ({ nbf: "0" }))],
  ],
  "AUTH-007": [
    ["no sub", ({ tokens }) => tokens.without("sub")],
    ["an empty sub", claiming(() => ({ sub: "" }))],
  ],
  "AUTH-008": [
    ["type refresh", claiming(() => ({ type: "refresh" }))],
    ["type magic_link", claiming(() => ({ type: "magic_link" }))],
    ["type null", claiming(() => ({ type: null }))],
  ],
} satisfies Record<string, Kind[]>;

const badCookie = (requirement: keyof typeof KINDS, brokenBy: readonly Mutant[]): ServerCheck =>
  serverCheck({
    id: `${requirement}/by-cookie-too`,
    name: `a token that ${requirement} refuses is refused in a cookie that counts, and writes nothing`,
    brokenBy,
    needs: ["origin", "forge-token"],
    async run(context) {
      const { device, newDevice, expect, http, origin, tokens, anEntry } = context;
      const send = (token: string) =>
        http({
          path: "/api/sync/push",
          as: device,
          json: { changes: { entries: [anEntry()] } },
          headers: { origin, authorization: undefined, cookie: `auth-token=${token}` },
        });
      for (const [what, mint] of KINDS[requirement]) {
        const { status, summary } = await send(await mint(context));
        expect.ok(`a cookie with ${what} is refused`, status === 401, summary);
      }
      expect.nothing("what was written by bad cookies", await newDevice().pull());
      expect.status(await send(await tokens.forge({ claims: { type: "access" } })), 200);
    },
  });

export const badCookies = [
  badCookie("AUTH-002", [faulty.cookiesMayBeUnsigned]),
  badCookie("AUTH-004", [faulty.cookiesNeverExpire, faulty.cookiesNeedASignatureOnly]),
  badCookie("AUTH-005", [faulty.cookiesNeverExpire, faulty.cookiesNeedASignatureOnly]),
  badCookie("AUTH-006", [faulty.cookiesAreGoodBeforeTheirTime, faulty.cookiesNeedASignatureOnly]),
  badCookie("AUTH-007", [faulty.cookiesMayNameNobody]),
  badCookie("AUTH-008", [faulty.cookiesAreForAnyPurpose, faulty.cookiesNeedASignatureOnly]),
];

export const badTokensOfSockets = serverCheck({
  id: "AUTH-016/every-bad-token-both-ways",
  name: "a token that HTTP refuses opens no socket, by the query or as subprotocol, whatever is wrong with it",
  brokenBy: [
    faulty.subprotocolsMayBeUnsigned,
    faulty.subprotocolsAreForAnyPurpose,
    faulty.subprotocolsAreGoodBeforeTheirTime,
    faulty.queriesAreForAnyPurpose,
  ],
  needs: ["forge-token"],
  async run(context) {
    const { device, expect, tokens } = context;
    for (const via of ["query", "subprotocol"] as const) {
      await Promise.all(
        Object.values(KINDS)
          .flat()
          .map(async ([what, mint]) => {
            const token = await mint(context);
            const { status, summary } = expect.refusedUpgrade(await device.tryConnect({ token, via }));
            expect.ok(`a token with ${what} in the ${via} is refused`, status === 401, summary);
          }),
      );
      const good = await tokens.forge({ claims: { type: "access" } });
      await (await device.connect({ token: good, via })).ping();
    }
  },
});
