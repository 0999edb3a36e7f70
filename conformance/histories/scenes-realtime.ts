import { ENTITIES, type Scene, push, mutate, again, other, times } from "./dice.ts";
import { writes, pulls, race, tie, olderAfterNewer, lateCopy, comesAndGoes } from "./scenes.ts";
import type { Planned } from "./schedule.ts";

/** What a bulk message may carry together: all pieces, or none. */
const bulk = (items: Planned[]): Planned[] => {
  const isPiece = ({ entity }: Planned): boolean => entity % 7 === 2;
  return items.filter((item) => isPiece(item) === isPiece(items[0]!));
};
const says: Scene = (dice, by) => [
  [mutate(dice, by(), dice.chance(0.3) ? bulk(dice.items()) : [dice.item()])],
];
const bothChannels: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  return [[mutate(dice, one, [dice.item(entity)]), push(dice, other(dice, one), [dice.item(entity)])]];
};
const losesOnSocket: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  const first = dice.item(entity);
  const [older, newer, newest] = [first.at + 3, first.at + 6, first.at + 9];
  const rival = other(dice, one);
  return [
    [mutate(dice, one, [first])],
    [push(dice, rival, [dice.item(entity, newer)])],
    [mutate(dice, one, [dice.item(entity, older)])],
    [push(dice, rival, [dice.item(entity, newest)])],
  ];
};
const lostOnSocket =
  (fate: "lost" | "cut"): Scene =>
  (dice, by) => {
    const entity = dice.entity();
    const first = mutate(dice, by(), [dice.item(entity)], fate);
    const rival = dice.chance(0.3) ? [[push(dice, other(dice, first.by), [dice.item(entity)])]] : [];
    return [
      [
        push(dice, other(dice, first.by), [
          dice.item(entity, (first as { items: Planned[] }).items[0]!.at - 2),
        ]),
      ],
      [first],
      ...rival,
      [again(first)],
      [{ do: "connect", by: first.by, from: "cursor" }],
    ];
  };
const slow: Scene = (dice, by) => {
  const one = by();
  const from = dice.chance(0.3) ? "start" : "cursor";
  return [
    [
      { do: "catch-up", by: one, from },
      { do: "pause", by: one },
    ],
    [push(dice, other(dice, one), dice.items())],
    [{ do: "resume", by: one }],
  ];
};
const reconnects =
  (leaving: boolean): Scene =>
  (dice, by) => {
    const [one, entity] = [by(), 3 + dice.below(ENTITIES - 3)];
    return [
      [{ do: "catch-up", by: one, from: "cursor" }, push(dice, other(dice, one), [dice.item(entity)])],
      [mutate(dice, one, [dice.item(entity)])],
      [
        { do: "connect", by: one, from: "cursor", ...(leaving ? { leaving: true as const } : {}) },
        push(dice, other(dice, one), dice.items()),
      ],
    ];
  };
const catchesUp: Scene = (dice, by) => {
  const one = by();
  return [
    [
      { do: "catch-up", by: one, from: dice.pick(["start", "cursor"]) },
      push(dice, other(dice, one), dice.items()),
    ],
  ];
};

export const REALTIME = times([
  [writes, 2],
  [pulls, 1],
  [race, 1],
  [olderAfterNewer, 1],
  [comesAndGoes, 1],
  [lateCopy, 1],
  [tie, 1],
  [says, 2],
  [losesOnSocket, 3],
  [bothChannels, 2],
  [lostOnSocket("lost"), 1],
  [lostOnSocket("cut"), 1],
  [slow, 2],
  [reconnects(true), 1],
  [reconnects(false), 1],
  [catchesUp, 1],
]);
