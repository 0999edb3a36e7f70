import { serverCheck } from "../../check.ts";
import * as faulty from "./at-once.mutants.ts";

const ROUNDS = 4;

export const usersAtOnce = serverCheck({
  id: "ISO-002/users-at-once",
  name: "users who write at the same moment write to their own data only",
  brokenBy: [faulty.keepsTheUserInAVariable],
  async run({ device, stranger, expect, anEntry }) {
    const users = [device, await stranger(), await stranger()];
    const written = users.map((): string[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      const entries = users.map(() => anEntry());
      const replies = await Promise.all(
        users.map((user, index) => user.push({ entries: [entries[index]!] })),
      );
      for (const [index, reply] of replies.entries()) {
        expect.outcomes(reply, ["applied"]);
        written[index]!.push(entries[index]!["id"] as string);
      }
    }
    for (const [index, user] of users.entries()) expect.liveIds(await user.pull(), written[index]!);
  },
});

export const readersAtOnce = serverCheck({
  id: "ISO-001/readers-at-once",
  name: "users who read at the same moment, by equal requests, each read their own data",
  brokenBy: [
    faulty.keepsTheUserInAVariable,
    faulty.sharesReadsThatAreUnderWay,
    faulty.answersFromASharedBuffer,
  ],
  async run({ device, stranger, expect, anEntry }) {
    const users = [device, await stranger(), await stranger()];
    const ids: string[] = [];
    for (const user of users) {
      const entry = anEntry();
      await user.push({ entries: [entry] });
      ids.push(entry["id"] as string);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const pulls = await Promise.all(users.map((user) => user.pull()));
      for (const [index, pull] of pulls.entries()) expect.liveIds(pull, [ids[index]!]);
      const counts = await Promise.all(users.map((user) => user.status()));
      for (const { body } of counts) expect.equal("entityCount", body.entityCount, 1);
    }
  },
});

export const keysAtOnce = serverCheck({
  id: "IDEM-007/at-once",
  name: "two users who use one key at the same moment are both served, neither told to wait",
  brokenBy: [faulty.keysInFlightAreEverybodys],
  async run({ device, stranger, expect, anEntry, unique }) {
    const users = [device, await stranger()];
    for (let round = 0; round < ROUNDS; round += 1) {
      const key = unique("key");
      const entries = [anEntry()];
      const replies = await Promise.all(users.map((user) => user.tryPush({ entries }, { key })));
      for (const reply of replies) {
        expect.status(reply, 200);
        expect.judgedAfresh(reply);
        expect.outcomes(reply, ["applied"]);
      }
    }
  },
});

export const pullsAtOnce = serverCheck({
  id: "PULL-001/each-of-many-pulls",
  name: "of many full pulls, several at a time, each returns everything",
  brokenBy: [faulty.everyTwentiethPullIsShort],
  async run({ device, newDevice, expect, limits, anEntry, aGoal }) {
    const entries = [anEntry(), anEntry(), anEntry()];
    const goals = [aGoal(), aGoal()];
    await device.push({ entries, goals });
    const ids = [...entries, ...goals].map((item) => item["id"] as string);
    const rounds = Math.min(7, Math.max(1, Math.floor(((limits.requestBurst ?? 1_000) * 0.5) / 3)));
    for (let round = 0; round < rounds; round += 1) {
      const pulls = await Promise.all([device, newDevice(), newDevice()].map((reader) => reader.pull()));
      for (const pull of pulls) expect.liveIds(pull, ids);
    }
  },
});
