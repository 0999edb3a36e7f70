import type { JsonObject } from "../../../schemas/json.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

const namesUsers = (name: string, story: string, fold: (id: string) => string): Mutant =>
  mutant({
    name,
    story,
    breaks: ["ISO-001", "ISO-002"],
    deform: (conforming) => ({
      ...conforming,
      userOf: (context, claims) => fold(conforming.userOf(context, claims)),
    }),
  });
export const foldsTheCaseOfUsers = namesUsers(
  "folds-the-case-of-users",
  "User ids were e-mail addresses once, and are lower-cased still.",
  (id) => id.toLowerCase(),
);
export const trimsUsers = namesUsers(
  "trims-users",
  "Blanks around ids are taken for slips of the keyboard.",
  (id) => id.trim(),
);
export const cutsUsersAtAColon = namesUsers(
  "cuts-users-at-a-colon",
  "Keys of the store are `user:entity`, and are taken apart at the first colon.",
  (id) => id.split(":")[0]!,
);
export const cutsUsersAt128 = namesUsers(
  "cuts-users-at-128-characters",
  "The column has 128 characters, and the database cuts what is longer.",
  (id) => id.slice(0, 128),
);
export const composesUsers = namesUsers("composes-users", "Ids are brought into Unicode's NFC.", (id) =>
  id.normalize("NFC"),
);

const takesTheUserFrom = (
  what: string,
  story: string,
  find: (context: Context, claims: JsonObject) => unknown,
): Mutant =>
  mutant({
    name: `takes-the-user-from-${what}`,
    story,
    breaks: ["ISO-003"],
    deform: (conforming) => ({
      ...conforming,
      userOf: (context, claims) => {
        const named = find(context, claims);
        return typeof named === "string" && named !== "" ? named : conforming.userOf(context, claims);
      },
    }),
  });
export const takesTheUserFromAHeader = takesTheUserFrom(
  "a-header",
  "The gateway puts X-User-ID in front of the handler, and passes on what clients send there.",
  ({ request }) => request.headers["x-user-id"],
);
export const takesTheUserFromTheQuery = takesTheUserFrom(
  "the-query",
  "The query of the WebSocket's URL has a userId, and the code is shared.",
  ({ query }) => query.get("userId"),
);
export const takesTheUserFromTheBody = takesTheUserFrom(
  "the-body",
  "`const userId = body.userId ?? token.sub`, from the days before tokens.",
  ({ request }) => {
    try {
      const body: unknown = JSON.parse(new TextDecoder().decode(request.body));
      return isJsonObject(body) ? body["userId"] : undefined;
    } catch {
      return undefined;
    }
  },
);
export const takesTheUserFromAnotherClaim = takesTheUserFrom(
  "another-claim",
  "The old issuer wrote userId, and it is still looked at first.",
  (_context, claims) => claims["userId"],
);

export const writesForTheItemsUser = mutant({
  name: "writes-for-the-items-user",
  story: "The row is built by spreading the item over it, its userId included.",
  breaks: ["DATA-004", "ISO-002", "ISO-003"],
  deform: (conforming) => ({
    ...conforming,
    examine: async (context, submission) => {
      const candidate = await conforming.examine(context, submission);
      const { raw } = submission;
      const named = isJsonObject(raw) ? (raw["userId"] ?? raw["user_id"]) : undefined;
      return typeof named === "string" ? { ...candidate, owner: named } : candidate;
    },
    buildRow: (context, plan, winner, seq) => {
      const row = conforming.buildRow(context, plan, winner, seq);
      return "owner" in winner ? { ...row, owner: winner.owner } : row;
    },
    applyRow: (context, row) => {
      const owner = "owner" in row ? context.server.users.get(String(row.owner)) : undefined;
      if (!owner) return conforming.applyRow(context, row);
      conforming.applyRow({ ...context, user: owner }, { ...row, seq: owner.head + 1 });
    },
  }),
});

export const takesDevicesForUsers = mutant({
  name: "takes-devices-for-users",
  story: "The user is looked up by the device that signed in last, to spare the token's verification.",
  breaks: ["ISO-001", "ISO-002", "ISO-003"],
  deform: (conforming) => ({
    ...conforming,
    userOf: (context, claims) => {
      const slot = `owner of ${context.request.headers["x-device-id"]}`;
      const known = context.server.scratch.get(slot) as string | undefined;
      const user = known ?? conforming.userOf(context, claims);
      if (context.request.headers["x-device-id"] !== undefined) context.server.scratch.set(slot, user);
      return user;
    },
  }),
});
