import { serverCheck } from "../../check.ts";
import { pushesUnder } from "../keyed.ts";
import { BODY_CALLS } from "../sync-calls.ts";
import * as faulty from "./http-order-bodies.mutants.ts";

/** White space makes a body long, and changes nothing else about it. */
const ofBytes = (text: string, bytes: number): string => text + " ".repeat(Math.max(0, bytes - text.length));

export const typesBeforeSizes = serverCheck({
  id: "HTTP-012/content-type-before-the-size",
  name: "a body of another type is told so, however long it is",
  brokenBy: [faulty.judgesSizesBeforeTypes],
  async run({ device, expect, http, limits }) {
    const text = ofBytes("{}", limits.maxBodyBytes + 1);
    for (const [method, path] of BODY_CALLS) {
      const request = { method, path, as: device, text };
      const plain = { "content-type": "text/plain" };
      expect.problem(await http({ ...request, headers: plain }), 415, "UNSUPPORTED_MEDIA_TYPE");
      expect.problem(await http(request), 413, "BODY_TOO_LARGE");
    }
  },
});

export const sizesBeforeKeys = serverCheck({
  id: "HTTP-012/size-before-the-key",
  name: "a body that is too long is told so, whatever its idempotency key; one of the right size has its key judged",
  brokenBy: [faulty.judgesKeysBeforeSizes],
  async run({ device, expect, http, limits }) {
    for (const path of ["/api/sync/push", "/api/sync/batch"]) {
      const headers = { "x-idempotency-key": "a key with spaces" };
      const request = { path, as: device, headers };
      const text = ofBytes("{}", limits.maxBodyBytes + 1);
      expect.problem(await http({ ...request, text }), 413, "BODY_TOO_LARGE");
      expect.problem(await http({ ...request, text: "{}" }), 400, "INVALID_IDEMPOTENCY_KEY");
    }
  },
});

export const keysBeforeJson = serverCheck({
  id: "HTTP-012/key-before-the-json",
  name: "a key of a wrong form, and what is recorded under a good one, come before what is wrong with the body",
  brokenBy: [
    faulty.parsesBeforeReadingKeys,
    faulty.parsesBeforeLookingUp,
    faulty.judgesEnvelopesBeforeRecords,
  ],
  async run({ device, expect, http, anEntry, unique }) {
    const bad = pushesUnder({ http, device }, "a key with spaces");
    const send = pushesUnder({ http, device }, unique("key"));
    const body = { changes: { entries: [anEntry()] } };
    const first = await send(body);
    expect.status(first, 200);
    for (const wrong of ["{", { changes: 5 }, {}]) {
      expect.problem(await bad(wrong), 400, "INVALID_IDEMPOTENCY_KEY");
      expect.problem(await send(wrong), 422, "IDEMPOTENCY_KEY_REUSED");
    }
    expect.replayOf(first, await send(body));
  },
});

export const envelopesBeforeNumbers = serverCheck({
  id: "HTTP-012/envelope-before-the-number-of-items",
  name: "too many items in a malformed envelope are a malformed envelope, and too many bad ones are too many",
  brokenBy: [faulty.countsBeforeItValidates, faulty.countsGoodItemsOnly],
  async run({ device, expect, http, limits, at }) {
    const deletedAt = at();
    const items = Array.from({ length: limits.maxItems + 1 }, (_, n) => ({ id: `many-${n}`, deletedAt }));
    const push = (changes: unknown) => http({ path: "/api/sync/push", as: device, json: { changes } });
    const malformed = await push({ entries: items, goals: 5 });
    expect.problem(malformed, 400, "INVALID_REQUEST");
    expect.problem(await push({ entries: items.map(() => 5) }), 413, "TOO_MANY_ITEMS");
    expect.problem(await push({ entries: items }), 413, "TOO_MANY_ITEMS");
    expect.equal("number of entities", (await device.status()).body.entityCount, 0);
  },
});

/** Refused good requests after which one of the bad ones, sent as often, must have been refused for the rate too. */
const ENOUGH = 20;

export const ratesBeforeVersions = serverCheck({
  id: "HTTP-012/token-before-the-rate-before-the-version",
  name: "who asks too often is told so whatever the version, and who sends no token is told that first",
  brokenBy: [faulty.judgesVersionsBeforeRates, faulty.judgesRatesBeforeTokens],
  needs: ["limit:requestBurst<=2000", "limit:requestsPerSecond<=1000"],
  timeoutMs: 150_000,
  model: { limits: { requestBurst: 20, requestsPerSecond: 10 } },
  async run({ device, expect, http, limits, inconclusive }) {
    const request = { method: "GET", path: "/api/sync/status" };
    const headers = { "x-sync-protocol": "99" };
    const size = Math.min(50, (limits.requestBurst ?? 50) + 1);
    const began = Date.now();
    let refused = 0;
    // A machine that is little faster than the rate needs long to use the burst up.
    while (Date.now() - began < 90_000) {
      const pairs = Array.from({ length: size }, () =>
        Promise.all([device.tryStatus(), http({ ...request, as: device, headers }), http(request)]),
      );
      const replies = await Promise.all(pairs);
      for (const [, , anonymous] of replies) expect.problem(anonymous, 401, "TOKEN_MISSING");
      const versions = replies.map(([, bad]) => bad);
      const limited = versions.find(({ status }) => status === 429);
      for (const bad of versions.filter(({ status }) => status !== 429))
        expect.problem(bad, 400, "UNSUPPORTED_VERSION");
      if (limited) {
        expect.problem(limited, 429, "RATE_LIMITED");
        return;
      }
      refused += replies.filter(([good]) => good.status === 429).length;
      if (refused >= ENOUGH) {
        expect.fail("requests of an unsupported version are judged before the rate", {
          expected: 429,
          actual: `400, while ${refused} good requests among them were answered 429`,
        });
      }
    }
    inconclusive("this machine sends its requests no faster than the advertised rate");
  },
});
