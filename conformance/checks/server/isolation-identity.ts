import { serverCheck } from "../../check.ts";
import * as faulty from "./isolation-identity.mutants.ts";

export const usersThatLookAlike = serverCheck({
  id: "ISO-002/users-that-look-alike",
  name: "users whose names differ in case, blanks, ending or the form of a letter are different users",
  brokenBy: [
    faulty.foldsTheCaseOfUsers,
    faulty.trimsUsers,
    faulty.cutsUsersAtAColon,
    faulty.cutsUsersAt128,
    faulty.composesUsers,
  ],
  needs: ["forge-token"],
  async run({ device, expect, tokens, anEntry }) {
    const base = `${device.user}-\u00e9`;
    const long = base.padEnd(200, "x");
    const alike = [
      base,
      base.toUpperCase(),
      base.normalize("NFD"),
      `${base} `,
      `${base}:1`,
      `${base}/1`,
      `${base}%`,
      long,
      `${long}y`,
    ];
    const entry = anEntry();
    for (const user of alike) {
      const own = device.with({ user, token: await tokens.valid(user) });
      const pushed = await own.push({ entries: [{ ...entry, notes: user }] });
      expect.equal(`outcome for ${user}`, pushed.body.results[0]?.outcome, "applied");
    }
    for (const user of alike) {
      const { item } = expect.live(
        await device.with({ user, token: await tokens.valid(user) }).pull(),
        entry["id"] as string,
      );
      expect.equal(`note of ${user}`, item["notes"], user);
    }
  },
});

export const userOfTheTokenAlone = serverCheck({
  id: "ISO-003/no-other-name-than-the-tokens",
  name: "a user named by header, query or body is not believed, in reading or writing",
  brokenBy: [faulty.takesTheUserFromAHeader, faulty.takesTheUserFromTheQuery, faulty.takesTheUserFromTheBody],
  async run({ device, stranger, http, expect, anEntry, inconclusive }) {
    const victim = await stranger();
    const theirs = anEntry();
    await victim.push({ entries: [theirs] });
    const cursor = await victim.cursor();

    const { user } = victim;
    const named = { user, userId: user, user_id: user, sub: user };
    const query = `?${new URLSearchParams(named).toString()}`;
    const headers = { "x-user-id": user, "x-user": user, "x-forwarded-user": user, "x-mirubato-user": user };
    const ways = [{ headers }, { query }, { body: named }];
    const written: string[] = [];
    for (const { headers: also = {}, query: asked = "", body = {} } of ways) {
      const entry = anEntry();
      const pushed = await http({
        path: `/api/sync/push${asked}`,
        as: device,
        headers: also,
        json: { changes: { entries: [entry] }, ...body },
      });
      const pulled = await http<{ entries: { id: string }[] }>({
        path: `/api/sync/pull${asked}`,
        as: device,
        headers: also,
        json: body,
      });
      // A server may refuse what it does not know in a query; what it serves is the token's user.
      if (asked !== "" && pushed.status === 400 && pulled.status === 400) continue;
      expect.status(pushed, 200);
      written.push(entry["id"] as string);
      const ids = pulled.body.entries.map(({ id }) => id);
      expect.equal("ids that were pulled", ids.sort(), [...written].sort());
    }
    if (written.length === 0) inconclusive("every request that names a user was refused");
    expect.liveIds(await device.pull(), written);
    expect.nothing("what changed for the user that was named", await victim.changesSince(cursor));
  },
});

export const userOfAnItem = serverCheck({
  id: "ISO-003/user-of-an-item-is-not-believed",
  name: "an item that names another user is written for the token's",
  brokenBy: [faulty.writesForTheItemsUser],
  async run({ device, stranger, expect, anEntry, aGoal }) {
    const victim = await stranger();
    const cursor = await victim.cursor();
    const [entry, goal] = [anEntry({ userId: victim.user }), aGoal({ user_id: victim.user })];
    expect.outcomes(await device.push({ entries: [entry] }), ["applied"]);
    const batched = await device.batch([{ id: goal["id"] as string, type: "goal", data: goal }]);
    expect.outcomes(batched, ["applied"]);

    expect.liveIds(await device.pull(), [entry["id"], goal["id"]] as string[]);
    expect.nothing("what changed for the user that was named", await victim.changesSince(cursor));
  },
});

export const otherClaims = serverCheck({
  id: "ISO-003/other-claims-name-nobody",
  name: "the token's user is its sub, whatever other claims it has",
  brokenBy: [faulty.takesTheUserFromAnotherClaim],
  needs: ["forge-token"],
  async run({ device, stranger, tokens, expect, anEntry }) {
    const victim = await stranger();
    await victim.push({ entries: [anEntry()] });
    const { user } = victim;
    const claims = { userId: user, user_id: user, uid: user, user, email: `${user}@example.org` };
    const several = device.with({ token: await tokens.forge({ claims }) });
    expect.nothing("what a token with several names pulls", await several.pull());
    const entry = anEntry();
    await several.push({ entries: [entry] });
    expect.liveIds(await device.pull(), [entry["id"] as string]);
    expect.equal("number of the victim's entities", (await victim.status()).body.entityCount, 1);
  },
});
