import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Device } from "../../wire/device.ts";
import type { Reply } from "../../wire/reply.ts";
import type { PushBody } from "../../wire/shapes.ts";
import {
  clampsNumbersThatOverflow,
  comparesNamesBeforeUnescaping,
  countsPrototypesAsMembers,
  decodesLeniently,
  looksForDuplicateNamesOfItemsOnly,
  losesProto,
  readsBatchesWithAnotherParser,
  refusesEscapedAstralCharacters,
  refusesNoncharacters,
  refusesTheGreatestInteger,
  replacesLoneSurrogates,
  replacesLoneSurrogatesInNames,
  roundsGreatIntegers,
  takesOverlongUtf8,
  takesTheLastOfTwoNames,
} from "./data-json.mutants.ts";

const STAMP = '"updatedAt":"2024-01-01T10:00:00Z"';

/** Pushes one goal whose members, beside id and stamp, are written out as text. */
function pushText(
  { http }: ServerContext,
  device: Device,
  id: string,
  members: string,
): Promise<Reply<PushBody>> {
  const text = `{"changes":{"goals":[{"id":"${id}",${STAMP},${members}}]}}`;
  return http<PushBody>({ path: "/api/sync/push", as: device, text });
}

async function demandRefused(context: ServerContext, members: Record<string, string>): Promise<void> {
  const { device, newDevice, expect } = context;
  const before = await device.cursor();
  for (const [id, text] of Object.entries(members)) {
    const reply = await pushText(context, device, id, text);
    expect.ok(`${id} is refused as a whole: ${text}`, reply.status === 400, reply.summary);
    expect.problem(reply, 400, "INVALID_JSON");
  }
  expect.nothing("changes", await newDevice().changesSince(before));
}

async function demandAccepted(context: ServerContext, members: Record<string, string>): Promise<void> {
  const { device, newDevice, expect } = context;
  for (const [id, text] of Object.entries(members)) {
    const reply = await pushText(context, device, id, text);
    expect.ok(`${id} is accepted: ${text}`, reply.status === 200, reply.summary);
    expect.outcome(reply, 0, "applied");
    const { id: _id, updatedAt: _at, ...rest } = expect.live(await newDevice().pullAll(), id).item;
    expect.equal(id, rest, JSON.parse(`{${text}}`) as object);
  }
}

export const duplicateNames = serverCheck({
  id: "DATA-008/duplicate-names",
  name: "a body with a member name twice in one object is refused, at any depth and however it is escaped",
  brokenBy: [takesTheLastOfTwoNames, looksForDuplicateNamesOfItemsOnly, comparesNamesBeforeUnescaping],
  async run(context) {
    await demandAccepted(context, {
      // The same name in different objects, and names that differ in case, are no duplicates.
      fine: '"title":"a","x":{"title":"b","y":[{"title":"c"},{"title":"d"}]},"Title":"e","t\\u0069tle2":"f"',
    });
    await demandRefused(context, {
      top: '"title":"a","title":"b"',
      equal: '"title":"a","x":1,"x":1',
      deep: '"title":"a","x":{"y":[{"z":1,"w":2,"z":3}]}',
      escaped: '"title":"a","t\\u0069tle":"b"',
      empty: '"title":"a","x":{"":1,"":2}',
      surrogates: '"title":"a","x":{"😀":1,"\\ud83d\\ude00":2}',
    });
  },
});

export const duplicateNamesElsewhere = serverCheck({
  id: "DATA-008/other-places",
  name: "a duplicate name in the envelope, in a batch or in a pull is refused too",
  brokenBy: [takesTheLastOfTwoNames, readsBatchesWithAnotherParser],
  async run({ device, newDevice, expect, http }) {
    const before = await device.cursor();
    const goal = `{"id":"g1","title":"a",${STAMP}}`;
    const bad: [path: string, text: string][] = [
      ["/api/sync/push", `{"changes":{"goals":[${goal}]},"changes":{"goals":[]}}`],
      ["/api/sync/push", `{"changes":{"goals":[],"goals":[${goal}]}}`],
      ["/api/sync/batch", `{"entities":[{"id":"g1","id":"g1","type":"goal","data":${goal}}]}`],
      ["/api/sync/batch", `{"entities":[{"id":"g1","type":"goal","data":{"title":"b",${goal.slice(1)}}]}`],
      ["/api/sync/pull", '{"limit":1,"limit":2}'],
    ];
    for (const [path, text] of bad) {
      expect.problem(await http({ path, as: device, text }), 400, "INVALID_JSON");
    }
    expect.nothing("changes", await newDevice().changesSince(before));

    const good = `{"entities":[{"id":"g1","type":"goal","data":${goal}}]}`;
    expect.status(await http({ path: "/api/sync/batch", as: device, text: good }), 200);
    expect.liveIds(await newDevice().pullAll(), ["g1"]);
  },
});

export const loneSurrogates = serverCheck({
  id: "DATA-009/lone-surrogates",
  name: "a lone surrogate in a string or a member name is refused, a pair is not",
  brokenBy: [
    replacesLoneSurrogates,
    replacesLoneSurrogatesInNames,
    refusesEscapedAstralCharacters,
    refusesNoncharacters,
  ],
  async run(context) {
    await demandAccepted(context, {
      pair: '"title":"\\ud83d\\ude00 \\uD834\\udd1e","\\ud83c\\udfb9":"😀"',
      nonCharacters: '"title":"\\ufffe\\uffff\\ufdd0"',
      nearly: '"title":"\\ud7ff\\ue000\\ufffd"',
    });
    await demandRefused(context, {
      high: '"title":"a\\ud83d"',
      low: '"title":"\\ude00a"',
      reversed: '"title":"\\ude00\\ud83d"',
      between: '"title":"a","x":["\\ud83d-\\ude00"]',
      twice: '"title":"a","x":{"y":"\\ud83d\\ud83d\\ude00"}',
      name: '"title":"a","\\ud83d":1',
      deep: '"title":"a","x":[{"b\\udc00":1}]',
    });
  },
});

export const numbers = serverCheck({
  id: "DATA-010/numbers",
  name: "numbers that overflow, and integers that binary64 does not hold exactly, are refused; all others survive",
  brokenBy: [clampsNumbersThatOverflow, roundsGreatIntegers, refusesTheGreatestInteger],
  async run(context) {
    await demandAccepted(context, {
      great: '"title":"a","x":[9007199254740991,-9007199254740991,1e300,-1.7976931348623157e308]',
      // With a fraction or an exponent it is a real number, which binary64 rounds as it does all of them.
      real: '"title":"a","x":[1e20,9007199254740992.0,12345678901234567890e0,0.1,1e-400]',
    });
    await demandRefused(context, {
      overflow: '"title":"a","x":1e400',
      negative: '"title":"a","x":[-1e400]',
      longOne: `"title":"a","x":{"y":1${"0".repeat(400)}.0}`,
      unsafe: '"title":"a","x":9007199254740992',
      unsafeNegative: '"title":"a","x":[{"y":-9007199254740992}]',
      longInteger: '"title":"a","x":12345678901234567890',
      known: '"title":"a","targetValue":9007199254740993',
    });
  },
});

export const prototypes = serverCheck({
  id: "DATA-011/data-or-refused",
  name: "members named __proto__, constructor and prototype come back as sent, or are refused",
  brokenBy: [losesProto],
  async run(context) {
    const { device, newDevice, expect } = context;
    const members = [
      '"title":"a","__proto__":{"polluted":"yes"}',
      '"title":"b","x":{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}',
      '"title":"c","constructor":"text","prototype":[{"__proto__":null}]',
    ];
    for (const [index, text] of members.entries()) {
      const id = `p${index}`;
      const reply = await pushText(context, device, id, text);
      if (reply.status >= 400 && reply.status < 500) continue;
      expect.status(reply, 200);
      if (expect.result(reply, 0).outcome === "refused") {
        expect.refused(reply, 0, "INVALID_ITEM");
        continue;
      }
      const { id: _id, updatedAt: _at, ...rest } = expect.live(await newDevice().pullAll(), id).item;
      expect.equal(`item ${text}`, rest, JSON.parse(`{${text}}`) as object);
    }

    // Whatever became of them, an ordinary item is not touched by it.
    const plain = { id: "plain", title: "d", x: {}, updatedAt: "2024-01-01T10:00:00Z" };
    expect.outcome(await device.push({ goals: [plain] }), 0, "applied");
    expect.equal("ordinary item", expect.live(await newDevice().pullAll(), "plain").item, plain);
  },
});

export const prototypesHaveNoEffect = serverCheck({
  id: "DATA-011/no-other-effect",
  name: "what stands in a member __proto__ does not count as members of the item",
  brokenBy: [countsPrototypesAsMembers],
  async run({ device, newDevice, expect, http }) {
    const before = await device.cursor();
    const incomplete = [
      `{"id":"p1","__proto__":{"title":"inherited"},${STAMP}}`,
      `{"title":"inherited","__proto__":{"id":"p2"},${STAMP}}`,
      `{"id":"p3","title":"inherited","__proto__":{${STAMP}}}`,
    ];
    for (const item of incomplete) {
      const reply = await http<PushBody>({
        path: "/api/sync/push",
        as: device,
        text: `{"changes":{"goals":[${item}]}}`,
      });
      if (reply.status >= 400 && reply.status < 500) continue;
      const result = expect.outcome(reply, 0, "refused");
      expect.ok("code", result.code === "INCOMPLETE" || result.code === "INVALID_ITEM", result.code);
    }
    // Nor does it make a deletion of an item.
    const good = await device.push({
      goals: [{ id: "good", title: "a", updatedAt: "2024-01-01T10:00:00Z" }],
    });
    expect.outcome(good, 0, "applied");
    await http({
      path: "/api/sync/push",
      as: device,
      text: '{"changes":{"goals":[{"id":"good","title":"b","updatedAt":"2023-01-01T10:00:00Z","__proto__":{"deletedAt":"2024-02-01T10:00:00Z"}}]}}',
    });
    expect.liveIds(await newDevice().changesSince(before), ["good"]);
  },
});

export const notUtf8 = serverCheck({
  id: "DATA-012/not-utf-8",
  name: "a body that is not valid UTF-8 is refused, not repaired",
  brokenBy: [decodesLeniently, takesOverlongUtf8],
  async run(context) {
    const { device, newDevice, expect, http } = context;
    const before = await device.cursor();
    const encode = (text: string): number[] => [...new TextEncoder().encode(text)];
    const body = (id: string, title: number[]): Uint8Array =>
      Uint8Array.from([
        ...encode(`{"changes":{"goals":[{"id":"${id}",${STAMP},"title":"`),
        ...title,
        ...encode('"}]}}'),
      ]);
    const bad: Record<string, number[]> = {
      latin1: [0xfc],
      overlong: [0xc0, 0xaf],
      overlongThree: [0xe0, 0x80, 0xaf],
      surrogate: [0xed, 0xa0, 0x80],
      truncated: [0xe2, 0x82],
      beyond: [0xf4, 0x90, 0x80, 0x80],
      never: [0xff],
      continuation: [0x80],
    };
    for (const [id, bytes] of Object.entries(bad)) {
      const reply = await http({ path: "/api/sync/push", as: device, bytes: body(id, bytes) });
      expect.ok(`${id} is refused as a whole`, reply.status === 400, reply.summary);
      expect.problem(reply, 400, "INVALID_JSON");
    }
    expect.nothing("changes", await newDevice().changesSince(before));

    const good = encode("ü € 😀 �");
    const reply = await http<PushBody>({ path: "/api/sync/push", as: device, bytes: body("good", good) });
    expect.outcome(reply, 0, "applied");
    expect.equal("title", expect.live(await newDevice().pullAll(), "good").item["title"], "ü € 😀 �");
  },
});
