import type { JsonObject } from "../../../schemas/json.ts";
import type { Answer } from "../../model/answer.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

const isReplay = ({ headers }: Answer): boolean => headers["x-idempotent-replay"] !== undefined;
const withFlag = (answer: Answer): Answer => ({
  ...answer,
  headers: { ...answer.headers, "x-idempotent-replay": "true" },
});

export const saysReplayAlways = mutant({
  name: "says-replay-always",
  story: "The header is set on every answer to a request with a key: supported, it was thought to mean.",
  breaks: ["IDEM-018"],
  deform: (conforming) => ({
    ...conforming,
    finish: (context, answer) =>
      conforming.finish(context, context.key === undefined ? answer : withFlag(answer)),
  }),
});

export const saysReplayOfDuplicates = mutant({
  name: "says-replay-of-duplicates",
  story: "The flag is worked out from the outcomes: nothing new, so it must be a replay.",
  breaks: ["IDEM-018"],
  deform: (conforming) => ({
    ...conforming,
    finish: (context, answer) => {
      const results =
        context.endpoint === "push" && answer.status === 200
          ? (JSON.parse(new TextDecoder().decode(answer.body)) as { results: JsonObject[] }).results
          : [];
      const repeats = results.length > 0 && results.every(({ outcome }) => outcome === "duplicate");
      return conforming.finish(context, repeats && !isReplay(answer) ? withFlag(answer) : answer);
    },
  }),
});

export const saysReplayOfReuse = mutant({
  name: "says-replay-of-a-reused-key",
  story: "The header is set as soon as a record is found, whatever comes of it.",
  breaks: ["IDEM-018"],
  deform: (conforming) => ({
    ...conforming,
    refuseReuse: (context, record) => {
      const { code, message } = conforming.refuseReuse(context, record);
      return new Refusal(code, message, { headers: { "x-idempotent-replay": "true" } });
    },
  }),
});

const cachesReads = (endpoint: "pull" | "status", story: string): Mutant =>
  mutant({
    name: `replays-${endpoint}`,
    story,
    breaks: ["IDEM-020"],
    deform: (conforming) => ({
      ...conforming,
      authenticate: async (context) => {
        const claims = await conforming.authenticate(context);
        const key = context.request.headers["x-idempotency-key"];
        const cached = context.server.volatile.get(`${endpoint} ${String(claims["sub"])} ${key}`);
        if (context.endpoint === endpoint && key !== undefined && cached) Object.assign(context, { cached });
        return claims;
      },
      finish: (context, answer) => {
        const { cached } = context as Context & { cached?: Answer };
        const key = context.request.headers["x-idempotency-key"];
        if (context.endpoint !== endpoint || key === undefined) return conforming.finish(context, answer);
        if (cached) return conforming.finish(context, cached);
        context.server.volatile.set(`${endpoint} ${String(context.claims["sub"])} ${key}`, answer);
        return conforming.finish(context, answer);
      },
    }),
  });
export const replaysPulls = cachesReads("pull", "The middleware for keys wraps every POST.");
export const replaysStatus = cachesReads("status", "A gateway caches whatever comes with a key.");

export const checksKeysOfReads = mutant({
  name: "checks-keys-of-reads",
  story: "The key's form is checked for every request, before it is known which.",
  breaks: ["IDEM-020"],
  deform: (conforming) => ({
    ...conforming,
    negotiateVersion: (context) => {
      if (context.endpoint === "pull" || context.endpoint === "status") context.behaviour.readKey(context);
      return conforming.negotiateVersion(context);
    },
  }),
});

export const spendsKeysOnReads = mutant({
  name: "spends-keys-on-reads",
  story: "A pull's key is recorded like a push's, under the same name.",
  breaks: ["IDEM-020"],
  deform: (conforming) => ({
    ...conforming,
    beforeRead: async (context) => {
      const key = context.request.headers["x-idempotency-key"];
      if (key !== undefined && (context.endpoint === "pull" || context.endpoint === "status"))
        for (const endpoint of ["push", "batch"])
          context.user.records.set(`${endpoint} ${key}`, {
            fingerprint: "of a pull",
            status: 200,
            headers: {},
            body: new Uint8Array(),
            answeredAt: context.now,
          });
      await conforming.beforeRead(context);
    },
  }),
});
