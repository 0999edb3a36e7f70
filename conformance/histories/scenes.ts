import { DEVICES, ENTITIES, HOT, DAY_MS, type Scene, push, mutate, again, other, times } from "./dice.ts";
import type { By, Fate, Planned, Schedule, Step, Upset } from "./schedule.ts";

export const writes: Scene = (dice, by) => [[push(dice, by(), dice.items())]];
export const pulls: Scene = (dice, by) => {
  const how = dice.chance(0.75) ? "delta" : "full";
  return [[{ do: "pull", by: by(), how, ...(dice.chance(0.4) ? { limit: 1 + dice.below(3) } : {}) }]];
};
export const race: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  const rivals = [one, other(dice, one)].map((who) =>
    push(dice, who, [dice.item(entity), ...dice.items(2).filter((item) => item.entity !== entity)]),
  );
  return [[...rivals, { do: "pull", by: one, how: "delta" }]];
};
export const tie: Scene = (dice, by) => {
  const [one, entity, at] = [by(), dice.entity(), dice.clock()];
  const rival = dice.chance(0.5) ? dice.deletion(entity, at) : dice.item(entity, at);
  return dice.chance(0.5)
    ? [[push(dice, one, [dice.item(entity, at)]), push(dice, other(dice, one), [rival])]]
    : [[push(dice, one, [dice.item(entity, at)])], [push(dice, other(dice, one), [rival])]];
};
export const olderAfterNewer: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  const newer = dice.item(entity);
  return [
    [push(dice, one, [newer])],
    [push(dice, other(dice, one), [dice.item(entity, newer.at - 1 - dice.below(DAY_MS))])],
  ];
};
export const lateCopy: Scene = (dice, by) => {
  const first = push(dice, by(), dice.items());
  const rival = push(
    dice,
    other(dice, first.by),
    (first as { items: Planned[] }).items.map(({ entity }) => dice.item(entity)),
  );
  return [[first], [rival], [again(first)]];
};
const faulty =
  (fate: Fate): Scene =>
  (dice, by) => {
    const first = push(dice, by(), dice.items(), fate);
    const rival = push(
      dice,
      other(dice, first.by),
      (first as { items: Planned[] }).items.map(({ entity }) => dice.item(entity)),
    );
    return dice.chance(0.6) ? [[first], [rival], [again(first)]] : [[first, rival], [again(first)]];
  };
export const comesAndGoes: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  const reader = other(dice, one);
  return [
    [push(dice, one, [dice.item(entity)])],
    [push(dice, reader, [dice.deletion(entity)])],
    [
      { do: "pull", by: reader, how: "delta" },
      push(dice, one, [dice.item(entity), ...dice.items(1).filter((item) => item.entity !== entity)]),
    ],
    [{ do: "pull", by: reader, how: "delta" }],
  ];
};
const underAnotherKey: Scene = (dice, by) => {
  const items = dice.items(2);
  const first = push(dice, by(), items);
  return [[first], [push(dice, other(dice, first.by), structuredClone(items))]];
};
const conditional: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  const batch = (who: By): Step => ({
    do: "batch",
    by: who,
    request: dice.request(),
    items: [{ ...dice.item(entity), conditional: true }],
  });
  const rival = other(dice, one);
  return [
    [push(dice, one, [dice.item(entity)])],
    [{ do: "pull", by: rival, how: "delta" }],
    [batch(one), batch(rival)],
  ];
};
const tooFarAhead: Scene = (dice, by) => [[push(dice, by(), [dice.item(dice.pick(HOT), 30 * DAY_MS)])]];
const inPages: Scene = (dice, by) => {
  const one = by();
  const three = [0, 1, 2].map((step) => dice.item((dice.entity() + step * 3) % ENTITIES));
  const distinct = three.filter(
    ({ entity }, index) => three.findIndex((item) => item.entity === entity) === index,
  );
  return [
    [
      push(
        dice,
        one,
        distinct.length > 1 ? distinct : [distinct[0]!, dice.item((distinct[0]!.entity + 1) % ENTITIES)],
      ),
    ],
    [{ do: "pull", by: other(dice, one), how: "full", limit: 1 }, push(dice, one, dice.items())],
    [
      push(dice, one, dice.items()),
      { do: "pull", by: other(dice, one), how: "delta", limit: 1 + dice.below(2) },
    ],
  ];
};

/** One entity is written again and again by all devices, and comes in every way that there is. */
export const longLife =
  (entity: number): Scene =>
  (dice, by) => {
    const one = by();
    const [two, three] = [1, 2].map((step): By => [one[0], (one[1] + step) % DEVICES]) as [By, By];
    const cold = (): Planned => dice.item(3 + dice.below(ENTITIES - 3));
    const at = dice.clock() + 5;
    // A reader that looks again and again while a write is under way.
    const looks = (who: By): Step[] =>
      Array.from({ length: 4 }, () => ({ do: "pull", by: who, how: "delta" }));
    const latest = dice.item(entity, at + 6);
    return [
      [push(dice, one, [dice.item(entity, at)]), push(dice, two, [dice.item(entity, at + 1)])],
      [push(dice, three, [dice.item(entity, at + 2)])],
      [push(dice, two, [dice.item(entity, at + 3)]), push(dice, one, [dice.item(entity, at + 3)])],
      [
        push(dice, one, [dice.item(entity, at + 4), cold()]),
        ...looks(two),
        { do: "pull", by: three, how: "full" },
      ],
      [push(dice, two, [latest, cold()]), ...looks(one), { do: "pull", by: three, how: "delta" }],
      [push(dice, three, [structuredClone(latest)])],
    ];
  };

export const upsets =
  (how: Upset, profile: Schedule["profile"]): Scene =>
  (dice, by) => {
    const one = by();
    const rival = other(dice, one);
    // Later than all that was thought of before, so that each write is stored: two entities which both devices have rewritten.
    const [entity, at] = [dice.pick(HOT), dice.clock() + 5];
    const second = (entity + 1) % HOT.length;
    const both = (later: number): Planned[] => [entity, second].map((hot) => dice.item(hot, at + later));
    const cold = (): Planned => dice.item(3 + dice.below(ENTITIES - 3));
    const rewritten =
      profile === "http"
        ? [push(dice, rival, both(2))]
        : [mutate(dice, rival, [dice.item(entity, at + 2)]), mutate(dice, one, [dice.item(second, at + 2)])];
    // Write, upset, write: and at once. What fails next is a write that goes out beside it.
    const busy = [
      push(dice, one, [dice.item(entity, at + 3), cold()]),
      push(dice, rival, [dice.item(second, at + 3), cold()]),
    ];
    const listens: Step[] = profile === "http" ? [] : [{ do: "catch-up", by: one, from: "cursor" }];
    return [
      [...listens, push(dice, rival, both(0))],
      [push(dice, one, both(1))],
      [...listens, ...rewritten],
      [{ do: how, by: rival }, ...busy],
      [
        push(dice, one, dice.items()),
        { do: "pull", by: rival, how: "delta" },
        { do: "pull", by: one, how: "delta" },
      ],
    ];
  };

/** A socket ends with its token while others write; its device comes back with a new one, from where it was. */
export const tokenEnd: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.pick(HOT)];
  const rival = other(dice, one);
  return [
    [{ do: "connect", by: one, from: "cursor", passing: true }],
    [mutate(dice, one, [dice.item(entity)]), push(dice, rival, dice.items())],
    [
      { do: "token-end", by: one },
      push(dice, rival, [dice.item(entity)]),
      push(dice, other(dice, one), dice.items()),
    ],
    // Later than all that was thought of before: it is stored, and stays.
    [push(dice, rival, [dice.item((entity + 1) % HOT.length, dice.clock() + 5)])],
    [
      { do: "connect", by: one, from: "cursor" },
      mutate(dice, one, [dice.item(entity)]),
      push(dice, rival, dice.items()),
    ],
  ];
};

export const HTTP = times([
  [writes, 2],
  [pulls, 3],
  [race, 2],
  [tie, 1],
  [olderAfterNewer, 1],
  [lateCopy, 1],
  [comesAndGoes, 1],
  [underAnotherKey, 1],
  [conditional, 1],
  [inPages, 1],
  [faulty("lost"), 1],
  [faulty("cut"), 1],
  [faulty("twice"), 1],
  [faulty("expired"), 1],
  [tooFarAhead, 2],
]);
