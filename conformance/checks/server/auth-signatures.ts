import { generateKeyPairSync, sign } from "node:crypto";
import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import { decodeJwt, encode } from "../../wire/jwt.ts";
import { syncCalls } from "../sync-calls.ts";
import * as faulty from "./auth-signatures.mutants.ts";

/** The token gets nobody in, while the device's own does. How the refusal looks is AUTH-009's matter. */
async function expectTurnedAway({ device, expect }: ServerContext, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const { status, summary } = await device.with({ token }).tryPull();
    expect.ok("the token is refused", status >= 400 && status < 500, summary);
  }
  expect.status(await device.tryPull(), 200);
}

/** A valid token's parts; ends the check for servers whose tokens are not JWTs. */
function partsOf({ device, inconclusive }: ServerContext): {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
  signature: string;
} {
  return decodeJwt(device.token) ?? inconclusive("the tokens that the suite was given are not JWTs");
}

export const algNone = serverCheck({
  id: "AUTH-002/alg-none",
  name: "an unsigned token is refused, however `none` is spelt",
  brokenBy: [faulty.acceptsAlgNone, faulty.acceptsAlgNoneInOddCases, faulty.decodesWithoutVerifying],
  async run(context) {
    const { claims, signature } = partsOf(context);
    const unsigned = ["none", "None", "NONE", "nOnE"].map(
      (alg) => `${encode({ alg, typ: "JWT" })}.${encode(claims)}.`,
    );
    const withLeftOver = `${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.${signature}`;
    await expectTurnedAway(context, [...unsigned, withLeftOver]);
  },
});

export const otherHmacs = serverCheck({
  id: "AUTH-002/other-hmacs",
  name: "a token signed with the right secret by HS384 or HS512 is refused",
  brokenBy: [faulty.acceptsAnyHmac],
  needs: ["forge-token"],
  async run(context) {
    const { tokens } = context;
    await expectTurnedAway(context, [await tokens.algorithm("HS384"), await tokens.algorithm("HS512")]);
  },
});

export const foreignAlgorithmName = serverCheck({
  id: "AUTH-002/alg-that-the-signature-is-not-of",
  name: "a header that names another algorithm, or none, is refused although the HMAC would verify",
  brokenBy: [faulty.neverLooksAtAlg, faulty.decodesWithoutVerifying],
  needs: ["forge-token"],
  async run(context) {
    const forged: string[] = [];
    for (const alg of ["RS256", "ES256", "hs256", undefined])
      forged.push(await context.tokens.forge({ header: { alg } }));
    await expectTurnedAway(context, forged);
  },
});

export const ownKeyPair = serverCheck({
  id: "AUTH-002/signed-by-a-key-of-ones-own",
  name: "a token signed by RS256 with the sender's own key is refused, also with that key in its header",
  brokenBy: [faulty.decodesWithoutVerifying, faulty.verifiesOnlyWrites],
  async run(context) {
    const { claims } = partsOf(context);
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const forged = [{}, { jwk: publicKey.export({ format: "jwk" }) }].map((extra) => {
      const signed = `${encode({ alg: "RS256", typ: "JWT", ...extra })}.${encode(claims)}`;
      return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
    });
    await expectTurnedAway(context, forged);
  },
});

export const anotherSecret = serverCheck({
  id: "AUTH-003/another-secret-on-every-call",
  name: "each sync call refuses a token that another secret signed",
  brokenBy: [faulty.decodesWithoutVerifying, faulty.verifiesOnlyWrites, faulty.verifiesNoBatch],
  async run({ device, expect, http, tokens, anEntry, aGoal }) {
    const authorization = `Bearer ${await tokens.wrongSecret()}`;
    for (const call of syncCalls({ anEntry, aGoal })) {
      const { status, summary } = await http({ ...call, as: device, headers: { authorization } });
      expect.ok(`${call.path} refuses the token`, status >= 400 && status < 500, summary);
      expect.status(await http({ ...call, as: device }), 200);
    }
  },
});

export const alteredPayload = serverCheck({
  id: "AUTH-003/altered-payload",
  name: "a token whose claims were altered opens nobody's data",
  brokenBy: [faulty.decodesWithoutVerifying, faulty.remembersGoodSignatures, faulty.verifiesOnlyWrites],
  async run(context) {
    const { device, stranger, tokens, anEntry } = context;
    const victim = await stranger();
    await victim.push({ entries: [anEntry()] });
    const { header, claims, signature } = partsOf(context);
    const longer = `${encode(header)}.${encode({ ...claims, exp: Number(claims["exp"]) + 86_400 })}.${signature}`;

    await device.pull();
    await expectTurnedAway(context, [await tokens.tampered(victim.user), longer]);
  },
});

export const signatureOfAnother = serverCheck({
  id: "AUTH-003/signature-of-another-token",
  name: "a good signature of another token proves nothing",
  brokenBy: [faulty.remembersGoodSignatures, faulty.decodesWithoutVerifying],
  async run(context) {
    const other = await context.stranger();
    await other.pull();
    const [header, claims] = context.device.token.split(".");
    await expectTurnedAway(context, [`${header}.${claims}.${other.token.split(".")[2]}`]);
  },
});

export const damagedSignature = serverCheck({
  id: "AUTH-003/cut-or-empty-signature",
  name: "a token with a cut, changed, empty or absent signature is refused",
  brokenBy: [faulty.acceptsEmptySignatures, faulty.comparesAsMuchSignatureAsCame],
  async run(context) {
    const [header, claims, signature] = context.device.token.split(".") as [string, string, string];
    const signed = `${header}.${claims}`;
    const middle = signature.length >> 1;
    const changed =
      signature.slice(0, middle) + (signature[middle] === "A" ? "B" : "A") + signature.slice(middle + 1);
    const damaged = [signature.slice(0, -4), signature.slice(0, 4), changed, "", `${signature}AAAA`];
    await expectTurnedAway(context, [...damaged.map((one) => `${signed}.${one}`), signed]);
  },
});
