import { serverCheck } from "../../check.ts";
import type { BatchBody, PushBody } from "../../wire/shapes.ts";
import { BODY_CALLS } from "../sync-calls.ts";
import * as faulty from "./http-oddities.mutants.ts";

/** White space makes a body long, and changes nothing else about it. */
const ofBytes = (text: string, bytes: number): string => text + " ".repeat(Math.max(0, bytes - text.length));

const CHUNKED = { "transfer-encoding": "chunked" };

export const tokensBeforeSizes = serverCheck({
  id: "HTTP-012/token-before-the-size",
  name: "who sends no token is told so, however long the body",
  brokenBy: [faulty.judgesSizesBeforeTokens],
  async run({ device, expect, http, limits }) {
    const text = ofBytes("{}", limits.maxBodyBytes + 1);
    for (const [method, path] of BODY_CALLS) {
      expect.problem(await http({ method, path, text }), 401, "TOKEN_MISSING");
    }
    expect.status(await device.tryPull(), 200);
  },
});

export const chunkedBodies = serverCheck({
  id: "LIM-002/bodies-in-chunks",
  name: "a body that does not tell its length is held to the same limit, with nothing applied",
  brokenBy: [faulty.believesContentLength],
  async run({ device, expect, http, limits, aGoal }) {
    const goal = aGoal();
    const text = ofBytes(JSON.stringify({ changes: { goals: [goal] } }), limits.maxBodyBytes + 1);
    const reply = await http({ path: "/api/sync/push", as: device, text, headers: CHUNKED });
    // A server may ask for a length, RFC 9110.
    if (reply.status !== 411) expect.problem(reply, 413, "BODY_TOO_LARGE");
    expect.absent(await device.pull(), goal["id"] as string);
  },
});

export const bytesOfBodies = serverCheck({
  id: "LIM-002/bytes-not-characters",
  name: "the limit of a body is one of bytes: letters of two bytes count twice",
  brokenBy: [faulty.measuresBodiesInCharacters],
  async run({ device, expect, http, limits, aGoal }) {
    const goal = aGoal();
    const body = (letters: number): string =>
      JSON.stringify({ changes: { goals: [goal] }, unknown: "é".repeat(letters) });
    const over = Math.ceil(limits.maxBodyBytes / 2);
    const refused = await http({ path: "/api/sync/push", as: device, text: body(over) });
    expect.problem(refused, 413, "BODY_TOO_LARGE");
    expect.absent(await device.pull(), goal["id"] as string);

    const bytes = Buffer.byteLength(body(0));
    const within = Math.floor((limits.maxBodyBytes - bytes) / 2);
    const served = await http<PushBody>({ path: "/api/sync/push", as: device, text: body(within) });
    expect.outcomes(served, ["applied"]);
  },
});

export const chunkedBodiesWithin = serverCheck({
  id: "LIM-001/bodies-in-chunks",
  name: "a small body in chunks is read like any other",
  brokenBy: [faulty.takesChunksForNoBody],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    const json = { changes: { goals: [goal] } };
    const reply = await http<PushBody>({ path: "/api/sync/push", as: device, json, headers: CHUNKED });
    // A server may ask for a length, RFC 9110; with one, the same body is welcome.
    expect.outcomes(reply.status === 411 ? await device.push(json.changes) : reply, ["applied"]);
    expect.live(await device.pull(), goal["id"] as string);
  },
});

export const numbersBeyondTheDatabase = serverCheck({
  id: "HTTP-007/numbers-beyond-the-databases",
  name: "integers that no database has, and an id that is null, are no server errors",
  brokenBy: [faulty.limitsOverflow, faulty.framesNeedAnId, faulty.versionsOverflow],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    await device.push({ goals: [goal] });
    const data = JSON.stringify(goal);
    for (const [path, text] of [
      ["pull", '{"limit":1e300}'],
      ["pull", '{"limit":9.3e18}'],
      ["batch", `{"entities":[{"id":null,"type":"goal","data":${data}}]}`],
      ["batch", `{"entities":[{"type":"goal","data":${data},"version":1e300}]}`],
      ["batch", `{"entities":[{"type":"goal","data":${data},"version":-1e19}]}`],
    ] as const) {
      const reply = await http({ method: "POST", path: `/api/sync/${path}`, as: device, text });
      expect.ok(`${text.slice(0, 60)} is no server error`, reply.status < 500, reply.summary);
    }
    expect.live(await device.pull(), goal["id"] as string);
  },
});

export const batchesOfTooMany = serverCheck({
  id: "IDEM-013/too-many-elements",
  name: "a 413 for the number of a batch's elements is replayed, and its key is taken",
  brokenBy: [faulty.recordsNo413OfBatches],
  async run({ device, expect, http, at, limits, unique, inconclusive }) {
    const deletedAt = at(-60_000);
    const entities = Array.from({ length: limits.maxItems + 1 }, (_, n) => ({
      type: "goal",
      data: { id: `many-${n}`, deletedAt },
    }));
    if (JSON.stringify({ entities }).length > limits.maxBodyBytes)
      inconclusive("so many items do not fit into maxBodyBytes: their number is never judged");
    const headers = { "x-idempotency-key": unique("key") };
    const send = (json: object) => http<BatchBody>({ path: "/api/sync/batch", as: device, headers, json });
    const first = await send({ entities });
    expect.problem(first, 413, "TOO_MANY_ITEMS");
    expect.replayOf(first, await send({ entities }));
    expect.problem(await send({ entities: entities.slice(0, 1) }), 422, "IDEMPOTENCY_KEY_REUSED");
    expect.equal("number of entities", (await device.status()).body.entityCount, 0);
  },
});

export const namedBeforeTheChanges = serverCheck({
  id: "ISO-003/named-before-the-changes",
  name: "a user that a body names before everything else is not believed, in writing or reading",
  brokenBy: [faulty.takesTheFirstUserItReads],
  async run({ device, stranger, expect, http, anEntry }) {
    const victim = await stranger();
    const theirs = anEntry();
    await victim.push({ entries: [theirs] });
    const cursor = await victim.cursor();
    const written: string[] = [];
    for (const name of ["userId", "user_id", "user"]) {
      const entry = anEntry();
      const json = { [name]: victim.user, changes: { entries: [entry] } };
      expect.status(await http({ path: "/api/sync/push", as: device, json }), 200);
      written.push(entry["id"] as string);
      const read = await http<{ entries: { id: string }[] }>({
        path: "/api/sync/pull",
        as: device,
        json: { [name]: victim.user },
      });
      expect.equal(
        "ids that were pulled",
        read.body.entries.map(({ id }) => id).toSorted(),
        written.toSorted(),
      );
    }
    expect.nothing("what changed for the user that was named", await victim.changesSince(cursor));
  },
});
