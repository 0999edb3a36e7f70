import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import * as faulty from "./limits.mutants.ts";

/** A goal whose canonical JSON has exactly this many bytes, padded with letters of one byte each. */
function goalOfBytes(goal: Record<string, unknown>, bytes: number): Record<string, unknown> {
  const bare = { ...goal, description: "" };
  const padding = bytes - new TextEncoder().encode(JSON.stringify(bare)).length;
  return { ...bare, description: "x".repeat(padding) };
}

/** Pushes one goal in a body of exactly this many bytes: white space is part of a body. */
function pushOfBytes({ http, device, aGoal }: ServerContext, bytes: number, as = device) {
  const goal = aGoal();
  const json = JSON.stringify({ changes: { goals: [goal] } });
  const text = json + " ".repeat(bytes - json.length);
  return http<{ success: boolean }>({ method: "POST", path: "/api/sync/push", as, text });
}

/** A push body nested this deep, as text: `depth` levels in all, three of them around the goal's own member. */
function nested(goal: unknown, depth: number): string {
  const inner = "[".repeat(depth - 4) + "]".repeat(depth - 4);
  return JSON.stringify({ changes: { goals: [goal] } }).replace(/}]}}$/, `,"deep":${inner}}]}}`);
}

export const withinAllLimits = serverCheck({
  id: "LIM-001/within-all-limits-is-accepted",
  name: "bodies, counts and items exactly at their limits are accepted",
  brokenBy: [faulty.itemLimitOffByOne, faulty.bodyLimitOffByOne, faulty.measuresItemsIndented],
  async run(context) {
    const { device, expect, limits, aGoal } = context;
    const maxItems = limits.maxItems ?? 500;
    const half = Math.floor(maxItems / 2);
    const many = await device.push({
      goals: Array.from({ length: maxItems - half }, () => aGoal()),
      entries: Array.from({ length: half }, () => context.anEntry({ notes: undefined, tags: undefined })),
    });
    expect.equal("number of results", many.body.results.length, maxItems);
    expect.equal("success of a push with as many items as allowed", many.body.success, true);

    const largest = goalOfBytes(aGoal(), limits.maxItemBytes ?? 262_144);
    expect.outcomes(await device.push({ goals: [largest] } as never), ["applied"]);

    const full = await pushOfBytes(context, limits.maxBodyBytes ?? 1_048_576);
    expect.equal("success of a body as long as allowed", full.body.success, true);
  },
});

export const bodyTooLarge = serverCheck({
  id: "LIM-002/a-larger-body-is-refused",
  name: "a body one byte over the limit is refused and nothing of it applied",
  brokenBy: [faulty.hasNoBodyLimit, faulty.truncatesBodies, faulty.failsOnLargeBodies],
  async run(context) {
    const { device, expect, limits } = context;
    const reply = await pushOfBytes(context, (limits.maxBodyBytes ?? 1_048_576) + 1);
    expect.problem(reply, 413, "BODY_TOO_LARGE");
    expect.nothing("what the refused body left behind", await device.pull());

    const small = await pushOfBytes(context, 2_000);
    expect.equal("success of a small body", small.body.success, true);
  },
});

export const tooManyItems = serverCheck({
  id: "LIM-003/more-items-are-refused",
  name: "a push or batch with one item over the limit is refused and nothing of it applied",
  brokenBy: [
    faulty.hasNoItemLimit,
    faulty.appliesItemsUpToTheLimit,
    faulty.countsItemsPerCollection,
    faulty.limitsPushesOnly,
  ],
  async run({ device, expect, limits, aGoal, anEntry }) {
    const maxItems = limits.maxItems ?? 500;
    const goals = Array.from({ length: maxItems }, () => aGoal());
    expect.problem(await device.tryPush({ goals, entries: [anEntry()] }), 413, "TOO_MANY_ITEMS");
    const entities = [...goals, aGoal()].map((goal) => ({
      id: goal["id"] as string,
      type: "goal" as const,
      data: goal,
    }));
    expect.problem(await device.tryBatch(entities), 413, "TOO_MANY_ITEMS");
    expect.nothing("what was left behind", await device.pull());

    expect.outcomes(await device.push({ entries: [anEntry()] }), ["applied"]);
  },
});

export const itemTooLarge = serverCheck({
  id: "LIM-004/a-larger-item-is-refused-alone",
  name: "an item one byte over the limit is refused, the others judged",
  brokenBy: [faulty.hasNoItemSizeLimit, faulty.measuresItemsInUtf16, faulty.refusesPushesWithLargeItems],
  async run({ device, expect, limits, aGoal }) {
    const maxItemBytes = limits.maxItemBytes ?? 262_144;
    const small = aGoal();
    // Two bytes each in UTF-8, one unit in UTF-16: a limit that counts characters lets it through.
    const accented = goalOfBytes(aGoal(), Math.floor(maxItemBytes / 2) + 400);
    accented["description"] = (accented["description"] as string).replaceAll("x", "é");

    const reply = await device.push({
      goals: [goalOfBytes(aGoal(), maxItemBytes + 1), small, accented],
    } as never);
    expect.refused(reply, 0, "ITEM_TOO_LARGE");
    expect.outcome(reply, 1, "applied");
    expect.refused(reply, 2, "ITEM_TOO_LARGE");
    expect.liveIds(await device.pull(), [small["id"] as string]);
  },
});

export const tooDeep = serverCheck({
  id: "LIM-005/deeper-bodies-are-refused",
  name: "a body as deep as allowed is accepted, a deeper one refused, however deep",
  brokenBy: [faulty.hasNoDepthLimit, faulty.crashesOnDepth, faulty.limitsDepthTooStrictly],
  async run({ device, expect, http, limits, aGoal }) {
    const maxDepth = limits.maxDepth ?? 32;
    const push = (text: string) =>
      http<{ success: boolean }>({ method: "POST", path: "/api/sync/push", as: device, text });

    const [deep, deeper] = [aGoal(), aGoal()];
    expect.equal(
      "success of a body as deep as allowed",
      (await push(nested(deep, maxDepth))).body.success,
      true,
    );
    expect.problem(await push(nested(deeper, maxDepth + 1)), 400, "INVALID_JSON");
    // As deep as a body can be, up to depths that crash parsers.
    const most = Math.floor(Math.min(100_000, limits.maxBodyBytes / 7));
    expect.problem(await push("[".repeat(2 * most)), 400, "INVALID_JSON");
    expect.problem(await push('{"a":'.repeat(most) + "1" + "}".repeat(most)), 400, "INVALID_JSON");
    expect.liveIds(await device.pull(), [deep["id"] as string]);
  },
});

export const rateLimited = serverCheck({
  id: "LIM-006/requests-above-the-rate-are-refused",
  name: "a burst above the advertised rate is answered 429 with Retry-After, and served again after it",
  brokenBy: [faulty.hasNoRateLimit, faulty.refusesWithoutRetryAfter, faulty.limitsForever],
  needs: ["limit:requestBurst<=2000", "limit:requestsPerSecond<=1000"],
  timeoutMs: 150_000,
  model: { limits: { requestBurst: 20, requestsPerSecond: 10 } },
  async run({ device, expect, limits, inconclusive, waitFor }) {
    const { requestBurst, requestsPerSecond } = limits as { requestBurst: number; requestsPerSecond: number };
    const began = Date.now();
    let sent = 0;
    const allowed = (): number => requestBurst + (requestsPerSecond * (Date.now() - began)) / 1000;
    // A machine that is little faster than the rate needs long to use the burst up.
    while (Date.now() - began < 90_000) {
      const size = Math.min(50, requestBurst + 1);
      const replies = await Promise.all(Array.from({ length: size }, () => device.tryStatus()));
      sent += size;
      const refused = replies.find(({ status }) => status !== 200);
      if (refused) {
        expect.problem(refused, 429, "RATE_LIMITED");
        const seconds = Number(refused.headers["retry-after"]);
        expect.ok("Retry-After is a short number of seconds", seconds >= 0 && seconds <= 120, seconds);
        const waited = Date.now();
        await waitFor(
          "the user is served again once Retry-After has passed",
          async () => Date.now() - waited >= seconds * 1000 && (await device.tryStatus()).status === 200,
          seconds * 1000 + 5_000,
        );
        return;
      }
      if (sent > 2 * allowed() + 100)
        expect.fail("more than twice the advertised rate was served", {
          expected: 429,
          actual: `${sent} × 200`,
        });
    }
    inconclusive(`this machine sent ${sent} requests, not faster than the advertised rate`);
  },
});

export const legacyItems = serverCheck({
  id: "LIM-007/deployed-peers-have-their-own-limits",
  name: "a deployed client's push is judged by the limits for deployed peers",
  brokenBy: [faulty.limitsDeployedPeersLikeAll],
  async run({ deployedDevice, device, expect, limits, unique, at }) {
    const maxItems = limits.maxItems ?? 500;
    const legacyMaxItems = limits.legacyMaxItems ?? maxItems;
    const goals = (count: number) =>
      Array.from({ length: count }, () => ({ id: unique("g"), title: "t", updatedAt: at() }));

    const more = goals(maxItems + 1);
    expect.problem(await device.tryPush({ goals: more }), 413, "TOO_MANY_ITEMS");
    if (legacyMaxItems > maxItems) {
      const reply = await deployedDevice().push({ goals: more });
      expect.equal("success of a deployed client's larger push", reply.body.success, true);
    } else {
      const tooMany = goals(legacyMaxItems + 1);
      expect.problem(await deployedDevice().tryPush({ goals: tooMany }), 413, "TOO_MANY_ITEMS");
      const reply = await deployedDevice().push({ goals: tooMany.slice(1) });
      expect.equal("success of as many items as a deployed client may send", reply.body.success, true);
    }
  },
});
