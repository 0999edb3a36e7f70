import { serverCheck } from "../../check.ts";
import { alterations } from "../altered.ts";
import { idOf, idsOf } from "../reading.ts";
import * as faulty from "./pull-tokens.mutants.ts";

/** `most` places in a text, evenly spread, first and last among them. */
function places(length: number, most: number): number[] {
  const step = Math.max(1, (length - 1) / (most - 1));
  return [...new Set(Array.from({ length: most }, (_, index) => Math.round(index * step)))].filter(
    (at) => at < length,
  );
}

/** What someone does who knows, or guesses, that a token is JSON in base64, or a number: the same with other numbers. */
function* guesses(token: string): Generator<string> {
  if (/^\d+$/.test(token)) yield* [`${BigInt(token) + 1_000n}`, `${BigInt(token) + 1n}`];
  const parts = token.split(".");
  for (const [index, part] of parts.entries()) {
    const text = Buffer.from(part, "base64url").toString("utf8");
    for (const change of [(digits: string) => `${Number(digits) + 1}`, (digits: string) => `${digits}9`]) {
      const altered = text.replaceAll(/(?<![\w-])\d+(?![\w-])/g, change);
      if (altered === text) continue;
      const forged = Buffer.from(altered).toString("base64url");
      yield parts.with(index, forged).join(".");
      yield forged;
    }
  }
}

export const tokensOfOthers = serverCheck({
  id: "PULL-018/another-users-token",
  name: "the tokens of another user, from whatever answer, are refused, also where both logs look alike",
  brokenBy: [faulty.tokensFitEveryUser, faulty.answersForeignTokensInFull, faulty.foreignTokensAreForbidden],
  async run({ device, stranger, expect, anEntry, aGoal }) {
    const other = await stranger();
    const [entry, goal] = [anEntry(), aGoal()];
    await device.push({ entries: [entry], goals: [goal] });
    const push = await other.push({ entries: [entry], goals: [goal] });
    const more = anEntry();
    const batch = await other.batch([{ id: idOf(more), type: "logbook_entry", data: more }]);
    const foreign = [
      push.body.syncToken,
      batch.body.newSyncToken,
      (await other.status()).body.syncToken,
      (await other.pull()).body.syncToken,
      (await other.pull({ limit: 1 })).body.syncToken,
    ];

    for (const since of foreign) expect.problem(await device.tryPull({ since }), 410, "CURSOR_EXPIRED");
    const typed = (await other.pull({ types: ["goal"] })).body.syncToken;
    expect.problem(await device.tryPull({ since: typed, types: ["goal"] }), 410, "CURSOR_EXPIRED");

    for (const since of foreign)
      expect.equal("status for its owner", (await other.tryPull({ since })).status, 200);
  },
});

export const strangersCursorAhead = serverCheck({
  id: "PULL-018/ahead-of-the-head",
  name: "a token that stands further on than this user's log is refused, and loses nothing",
  brokenBy: [faulty.tokensAreGlobalPositions, faulty.tokensAreBareNumbers, faulty.tokensAreBareJson],
  async run({ device, stranger, expect, anEntry }) {
    const other = await stranger();
    for (let write = 0; write < 3; write += 1) await other.push({ entries: [anEntry(), anEntry()] });
    const entry = anEntry();
    await device.push({ entries: [entry] });
    const own = await device.cursor();
    const ahead = [await other.cursor(), ...guesses(own)].filter((since) => since !== own);

    for (const since of ahead) expect.problem(await device.tryPull({ since }), 410, "CURSOR_EXPIRED");

    const next = anEntry();
    await device.push({ entries: [next] });
    expect.liveIds(await device.pull({ since: own }), [idOf(next)]);
  },
});

export const madeUpTokens = serverCheck({
  id: "PULL-018/made-up-tokens",
  name: "texts that no server would issue are refused as expired cursors",
  brokenBy: [
    faulty.answersForeignTokensInFull,
    faulty.crashesOnTokensOfOtherForm,
    faulty.callsBadTokensBadRequests,
    faulty.emptyTokenIsNone,
  ],
  async run({ device, expect, anEntry }) {
    const entry = anEntry();
    await device.push({ entries: [entry] });
    const madeUp = [
      "",
      " ",
      "0",
      "1",
      "-1",
      "null",
      "latest",
      "2020-01-01T00:00:00.000Z",
      ".",
      "..",
      "a.b.c",
      "e30",
      "e30.e30",
      "eyJlIjoiMDFKQSIsInAiOjQyfQ.hX3v",
      "%00",
      "\u0000",
      "für elise",
      "𝄞",
      "' OR 1=1 --",
      "x".repeat(5_000),
    ];
    for (const since of madeUp) expect.problem(await device.tryPull({ since }), 410, "CURSOR_EXPIRED");
    expect.liveIds(await device.pull(), [idOf(entry)]);
  },
});

export const alteredTokens = serverCheck({
  id: "PULL-018/altered-at-any-place",
  name: "a token that was altered at any place, cut short or lengthened is refused",
  brokenBy: [
    faulty.signatureIsNotChecked,
    faulty.onlyTheSignaturesStartIsCompared,
    faulty.signatureIsComparedToItsOwnLength,
    faulty.onlyTheStartOfAHexSignatureIsCompared,
    faulty.lastByteOfAHexSignatureIsNotCompared,
    faulty.endOfTheSignatureIsNotCompared,
  ],
  async run({ device, expect, anEntry }) {
    const first = anEntry();
    const push = await device.push({ entries: [first] });
    const since = push.body.syncToken;
    const next = anEntry();
    await device.push({ entries: [next] });

    const characters = [...since];
    // A signature stands at the end as a rule: there, no place is left out.
    const end = Math.max(0, characters.length - 24);
    const altered = [
      ...places(end, 20).flatMap((at) => alterations(since, at, 1)),
      ...[...characters.keys()].slice(end).flatMap((at) => alterations(since, at, 2)),
      ...[1, 2, Math.ceil(characters.length / 2)].map((count) => characters.slice(0, -count).join("")),
      characters.slice(1).join(""),
      `${since}A`,
      `${since}.`,
      `A${since}`,
      since + since,
      characters.toReversed().join(""),
    ].filter((one) => one !== since);
    const answers = await Promise.all(altered.map((one) => device.tryPull({ since: one })));
    for (const answer of answers) expect.problem(answer, 410, "CURSOR_EXPIRED");

    expect.liveIds(await device.pull({ since }), [idOf(next)]);
  },
});

export const splicedTokens = serverCheck({
  id: "PULL-018/spliced-from-two",
  name: "a token put together from two good ones is refused, whoever they belong to",
  brokenBy: [faulty.signatureIsNotChecked, faulty.signatureCoversItsSaltAlone],
  async run({ device, stranger, expect, anEntry, aGoal }) {
    const other = await stranger();
    const theirs = (await other.push({ entries: [anEntry(), anEntry()] })).body.syncToken;
    const [entry, goal] = [anEntry(), aGoal()];
    const early = (await device.push({ entries: [entry] })).body.syncToken;
    const late = (await device.push({ goals: [goal] })).body.syncToken;
    const good = new Set([early, late, theirs]);

    const spliced = [
      [early, late],
      [late, early],
      [theirs, late],
      [late, theirs],
    ].flatMap(([head, tail]) => splices(head!, tail!));
    for (const since of spliced.filter((one) => !good.has(one))) {
      expect.problem(await device.tryPull({ since }), 410, "CURSOR_EXPIRED");
    }
    expect.liveIds(await device.pull({ since: early }), [idOf(goal)]);
    expect.liveIds(await device.pull(), idsOf([entry, goal]));

    /** The beginning of one with the end of the other: at each full stop, or in the middle. */
    function splices(head: string, tail: string): string[] {
      // A token may be of any characters: half of one would be no JSON (DATA-009).
      const [ours, others] = [[...head], [...tail]];
      const stops = ours.flatMap((character, index) => (character === "." ? [index] : []));
      const ends = others.flatMap((character, index) => (character === "." ? [index] : []));
      const joined = (stop: number, end: number): string =>
        [...ours.slice(0, stop), ...others.slice(end)].join("");
      if (stops.length === 0 || stops.length !== ends.length)
        return [joined(Math.floor(ours.length / 2), Math.floor(others.length / 2))];
      return stops.map((stop, index) => joined(stop, ends[index]!));
    }
  },
});

export const pageTokensAreForgeryProof = serverCheck({
  id: "PULL-018/page-tokens-are-checked-too",
  name: "the token between two pages is refused when altered or brought by another user",
  brokenBy: [faulty.pageTokensAreNotChecked, faulty.tokensFitEveryUser],
  async run({ device, stranger, expect, anEntry }) {
    const entries = [anEntry(), anEntry(), anEntry()];
    await device.push({ entries });
    const other = await stranger();
    await other.push({ entries });
    const first = await device.pull({ limit: 1 });
    expect.equal("hasMore", first.body.hasMore, true);
    const since = first.body.syncToken;

    const characters = [...since];
    const altered = [characters.length / 3, characters.length - 2].flatMap((at) =>
      alterations(since, Math.max(0, Math.floor(at)), 2),
    );
    const cut = characters.slice(0, -1).join("");
    for (const one of altered)
      expect.problem(await device.tryPull({ since: one, limit: 1 }), 410, "CURSOR_EXPIRED");
    expect.problem(await device.tryPull({ since: cut, limit: 1 }), 410, "CURSOR_EXPIRED");
    expect.problem(await other.tryPull({ since, limit: 1 }), 410, "CURSOR_EXPIRED");

    const rest = await device.pullAll({ since, limit: 1 });
    expect.equal("entries on all pages", first.body.entries.length + rest.rows.length, 3);
  },
});
