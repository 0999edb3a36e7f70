import { serverCheck } from "../../check.ts";
import * as faulty from "./idempotency-reads.mutants.ts";

export const onlyReplaysSaySo = serverCheck({
  id: "IDEM-018/only-replays-say-so",
  name: "no fresh answer says that it is a replay",
  brokenBy: [faulty.saysReplayAlways, faulty.saysReplayOfDuplicates, faulty.saysReplayOfReuse],
  async run({ device, expect, anEntry, aGoal, unique }) {
    const key = unique("key");
    const changes = { entries: [anEntry()] };
    const goal = aGoal();
    const first = await device.push(changes, { key });
    const fresh = [
      first,
      await device.push(changes),
      await device.push(changes, { key: null }),
      await device.batch([{ id: goal["id"] as string, type: "goal", data: goal }]),
      await device.tryPush({ entries: [anEntry()] }, { key }),
      await device.pull({}, { headers: { "x-idempotency-key": key } }),
      await device.tryStatus({ headers: { "x-idempotency-key": key } }),
    ];
    expect.outcomes(fresh[1] as typeof first, ["duplicate"]);
    expect.status(fresh[4]!, 422);
    for (const reply of fresh) expect.judgedAfresh(reply);
    expect.replayOf(first, await device.tryPush(changes, { key }));
  },
});

export const pullsAreAlwaysFresh = serverCheck({
  id: "IDEM-020/pulls-are-always-fresh",
  name: "a pull repeated under its key returns what is stored now",
  brokenBy: [faulty.replaysPulls],
  async run({ device, newDevice, expect, anEntry, unique }) {
    const byKey = { headers: { "x-idempotency-key": unique("key") } };
    expect.liveIds(await device.pull({}, byKey), []);
    const entry = anEntry();
    await newDevice().push({ entries: [entry] });

    const again = await device.pull({}, byKey);
    expect.liveIds(again, [entry["id"] as string]);
    expect.judgedAfresh(again);
  },
});

export const statusIsAlwaysFresh = serverCheck({
  id: "IDEM-020/status-is-always-fresh",
  name: "a status repeated under its key counts what is stored now",
  brokenBy: [faulty.replaysStatus],
  async run({ device, expect, anEntry, unique }) {
    const byKey = { headers: { "x-idempotency-key": unique("key") } };
    const before = await device.tryStatus(byKey);
    expect.equal("number of entities before", before.body.entityCount, 0);
    await device.push({ entries: [anEntry()] });

    const after = await device.tryStatus(byKey);
    expect.equal("number of entities", after.body.entityCount, 1);
    expect.judgedAfresh(after);
  },
});

export const readsIgnoreKeys = serverCheck({
  id: "IDEM-020/reads-ignore-keys",
  name: "pull and status take any key, also a known, a bad or a doubled one, and spend none",
  brokenBy: [faulty.checksKeysOfReads, faulty.spendsKeysOnReads],
  async run({ device, expect, anEntry, unique }) {
    const known = unique("key");
    await device.push({ entries: [anEntry()] }, { key: known });
    const unspent = unique("key");
    const variants = [
      { "x-idempotency-key": known },
      { "x-idempotency-key": `${unique("key")} ${unique("key")}` },
      { "x-idempotency-key": "k".repeat(256) },
      { "x-idempotency-key": unspent, "idempotency-key": unique("key") },
    ];
    for (const headers of variants) {
      expect.status(await device.tryPull({}, { headers }), 200);
      expect.status(await device.tryStatus({ headers }), 200);
    }
    await device.pull({}, { headers: { "x-idempotency-key": unspent } });
    const push = await device.tryPush({ entries: [anEntry()] }, { key: unspent });
    expect.status(push, 200);
    expect.outcomes(push, ["applied"]);
  },
});
