import { compareStamps } from "../../../spec/rules/stamp.ts";
import { afterNormalising, judgingBy, without } from "../../model/deform.ts";
import { changingMessages, onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";

export const normalisesPushesOnly = mutant({
  name: "normalises-pushes-only",
  story: "The normal form is made in the middleware of HTTP.",
  breaks: ["RT-004"],
  deform: onlyOnSockets((base) => ({ ...base, normalise: (_context, _type, item) => item }), ["normalise"]),
});

export const keepsSnakeNamesOfSockets = mutant({
  name: "keeps-snake-names-of-sockets",
  story: "Only the routes of HTTP were ever called by clients that write names in snake case.",
  breaks: ["RT-004"],
  deform: onlyOnSockets(
    afterNormalising((item, sent) => ({
      ...item,
      ...Object.fromEntries(Object.entries(sent).filter(([name]) => name.includes("_"))),
    })),
    ["normalise"],
  ),
});

export const derivesNoScoreIdsOnSockets = mutant({
  name: "derives-no-score-ids-on-sockets",
  story: "Ids are derived by the import that pushes go through.",
  breaks: ["RT-004"],
  deform: onlyOnSockets(
    afterNormalising((item, sent, entityType) =>
      entityType === "logbook_entry" && !("scoreId" in sent) ? without(item, "scoreId") : item,
    ),
    ["normalise"],
  ),
});

export const believesAuthorsOnSockets = mutant({
  name: "believes-authors-on-sockets",
  story: "The author is put in by the handler of pushes.",
  breaks: ["RT-004"],
  deform: onlyOnSockets((base) => ({ ...base, withAuthor: (_context, _type, item) => item }), ["withAuthor"]),
});

export const validatesPushesOnly = mutant({
  name: "validates-pushes-only",
  story: "What comes on a socket was checked by the app already.",
  breaks: ["RT-004", "RT-014"],
  deform: onlyOnSockets((base) => ({ ...base, violationsOf: () => [] }), ["violationsOf"]),
});

export const callsAllRefusalsInvalid = mutant({
  name: "calls-all-refusals-on-sockets-invalid",
  story: "The handler of messages catches every refusal and answers one code.",
  breaks: ["RT-004", "RT-014"],
  deform: changingMessages(["ERROR"], ({ serverTime: _time, ...frame }) => ({
    ...frame,
    code: "INVALID_ITEM",
  })),
});

export const limitsNoItemsOnSockets = mutant({
  name: "limits-no-items-on-sockets",
  story: "The frame has a limit, so the item in it needs none.",
  breaks: ["RT-004"],
  deform: onlyOnSockets((base) => ({ ...base, checkItemSize: () => {} }), ["checkItemSize"]),
});

export const hasNoSkewOnSockets = mutant({
  name: "knows-no-skew-on-sockets",
  story: "A socket is live, so its client's clock is thought to be right.",
  breaks: ["RT-004"],
  deform: onlyOnSockets((base) => ({ ...base, isSkewed: () => false }), ["isSkewed"]),
});

export const lastArrivalWinsOnSockets = mutant({
  name: "last-arrival-wins-on-sockets",
  story: "Live messages come in order, so each one is written over what was there.",
  breaks: ["RT-004"],
  deform: onlyOnSockets((base) => ({ ...base, judge: () => "applied" }), ["judge"]),
});

export const knowsOnlyWhatCameOnSockets = mutant({
  name: "judges-sockets-by-what-came-on-sockets",
  story: "The object of the user has the entities in memory, and pushes write past it into the database.",
  breaks: ["RT-004"],
  deform: (conforming) => ({
    ...conforming,
    judge(context, stored, incoming) {
      const known = context.connection === undefined || context.server.scratch.has(context.user.id);
      return conforming.judge(context, known ? stored : undefined, incoming);
    },
  }),
});

export const givesTiesToTheStoredOnSockets = mutant({
  name: "gives-ties-to-the-stored-on-sockets",
  story: "`incoming.updatedAt > stored.updatedAt` stands where a full comparison should.",
  breaks: ["RT-004"],
  deform: onlyOnSockets(
    (base) => ({
      ...base,
      judge: judgingBy((incoming, stored) =>
        compareStamps(incoming, stored) === 0 ? 0 : incoming.updatedAt > stored.updatedAt ? 1 : -1,
      ),
    }),
    ["judge"],
  ),
});

export const comparesStampsAsTextOnSockets = mutant({
  name: "reads-stamps-of-sockets-without-their-zone",
  story: "The text is cut after the seconds and taken for UTC.",
  breaks: ["RT-004"],
  deform: onlyOnSockets(
    (base) => ({
      ...base,
      parseInstant: (context, value) =>
        base.parseInstant(context, typeof value === "string" ? value.replace(/[+-]\d\d:\d\d$/, "Z") : value),
    }),
    ["parseInstant"],
  ),
});

export const refusesSkewOfDeployedSockets = mutant({
  name: "refuses-skew-of-deployed-sockets",
  story: "Receipt stamps belong to the handler of pushes; a socket refuses what it cannot take as it is.",
  breaks: ["RT-004"],
  deform: onlyOnSockets((base) => ({ ...base, givesReceiptStamp: () => false }), ["givesReceiptStamp"]),
});

export const keepsNoClaimsOfSockets = mutant({
  name: "keeps-no-claims-of-sockets",
  story: "A message is acknowledged at once, so nobody is expected to send it again.",
  breaks: ["RT-004"],
  deform: onlyOnSockets(
    (base) => ({ ...base, repeatsClaim: () => false, keepClaim: () => undefined }),
    ["repeatsClaim", "keepClaim"],
  ),
});
