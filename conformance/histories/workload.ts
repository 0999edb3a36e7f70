import { seededRandom } from "../run/seeded.ts";
import type { By, Fate, Planned, Schedule, Step, Upset } from "./schedule.ts";

/** Kinds of histories: on HTTP alone, on both channels, or on both while the server is upset. */
export interface Kind {
  profile: Schedule["profile"];
  upset?: Upset;
}

const USERS = 2;
const DEVICES = 3;
const GROUPS = 12;
/** Of each type one, and a second of some. */
const ENTITIES = 9;
/** A log entry, a goal, a piece. */
const HOT = [0, 1, 2] as const;
const DAY_MS = 86_400_000;

/** Something that happens, part by part: each part goes into a later group than the one before. */
type Scene = (dice: Dice, by: () => By) => Step[][];

/** Random choices, and the numbers that must be unique in a schedule. */
class Dice {
  readonly random: () => number;
  #writes = 0;
  #requests = 0;
  #clock = 0;

  constructor(random: () => number) {
    this.random = random;
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  request(): number {
    return (this.#requests += 1);
  }

  /** Some are written far more often than others. */
  entity(): number {
    return this.chance(0.5) ? this.pick(HOT) : this.below(ENTITIES);
  }

  /** Mostly a little later than the one before; close, equal and skewed ones come of how scenes use it. */
  clock(): number {
    return (this.#clock += this.below(4));
  }

  item(entity = this.entity(), at = this.clock()): Planned {
    return { write: (this.#writes += 1), entity, at };
  }

  deletion(entity = this.entity(), at = this.clock()): Planned {
    return { ...this.item(entity, at), deleted: true };
  }

  /** One to three entities, each once. */
  items(most = 3): Planned[] {
    const entities = new Set(Array.from({ length: 1 + this.below(most) }, () => this.entity()));
    return [...entities].map((entity) => (this.chance(0.15) ? this.deletion(entity) : this.item(entity)));
  }
}

const push = (dice: Dice, by: By, items: Planned[], fate?: Fate): Step & { request: number } => ({
  do: "push",
  by,
  request: dice.request(),
  items,
  ...(fate ? { fate } : {}),
});
const mutate = (dice: Dice, by: By, items: Planned[], fate?: "lost" | "cut"): Step & { request: number } => ({
  do: "mutate",
  by,
  request: dice.request(),
  items,
  ...(fate ? { fate } : {}),
});
const again = ({ by, request }: { by: By; request: number }): Step => ({ do: "again", by, request });

/** Another device of the same user. */
const other = (dice: Dice, [user, device]: By): By => [
  user,
  (device + 1 + dice.below(DEVICES - 1)) % DEVICES,
];

const writes: Scene = (dice, by) => [[push(dice, by(), dice.items())]];
const pulls: Scene = (dice, by) => {
  const how = dice.chance(0.75) ? "delta" : "full";
  return [[{ do: "pull", by: by(), how, ...(dice.chance(0.4) ? { limit: 1 + dice.below(3) } : {}) }]];
};
const race: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  const rivals = [one, other(dice, one)].map((who) =>
    push(dice, who, [dice.item(entity), ...dice.items(2).filter((item) => item.entity !== entity)]),
  );
  return [[...rivals, { do: "pull", by: one, how: "delta" }]];
};
const tie: Scene = (dice, by) => {
  const [one, entity, at] = [by(), dice.entity(), dice.clock()];
  const rival = dice.chance(0.5) ? dice.deletion(entity, at) : dice.item(entity, at);
  return dice.chance(0.5)
    ? [[push(dice, one, [dice.item(entity, at)]), push(dice, other(dice, one), [rival])]]
    : [[push(dice, one, [dice.item(entity, at)])], [push(dice, other(dice, one), [rival])]];
};
const olderAfterNewer: Scene = (dice, by) => {
  const [one, entity] = [by(), dice.entity()];
  const newer = dice.item(entity);
  return [
    [push(dice, one, [newer])],
    [push(dice, other(dice, one), [dice.item(entity, newer.at - 1 - dice.below(DAY_MS))])],
  ];
};
const lateCopy: Scene = (dice, by) => {
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
const comesAndGoes: Scene = (dice, by) => {
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

/** Each scene so many times. */
function times(counts: readonly (readonly [Scene, number])[]): Scene[] {
  return counts.flatMap(([scene, count]) => Array.from({ length: count }, () => scene));
}

/** One entity is written again and again by all devices, and comes in every way that there is. */
const longLife =
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

const HTTP = times([
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

const REALTIME = times([
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

const upsets =
  (how: Upset, profile: Schedule["profile"]): Scene =>
  (dice, by) => {
    const [one, entity] = [by(), dice.pick(HOT)];
    const before = [
      push(dice, one, [dice.item(entity), ...dice.items().filter((item) => item.entity !== entity)]),
    ];
    const rewritten =
      profile === "http"
        ? push(dice, other(dice, one), [dice.item(entity)])
        : mutate(dice, other(dice, one), [dice.item(entity)]);
    const pair = (hot: number): Planned[] => [dice.item(hot), dice.item(3 + dice.below(ENTITIES - 3))];
    const busy = [
      push(dice, one, pair(entity)),
      push(dice, other(dice, one), pair((entity + 1) % HOT.length)),
    ];
    // Write, upset, write: and at once. What fails next is a write that goes out beside it.
    const listens: Step[] = profile === "http" ? [] : [{ do: "catch-up", by: one, from: "cursor" }];
    return [
      [...listens, ...before],
      [...listens, rewritten],
      [{ do: how, by: other(dice, one) }, ...busy],
      [
        push(dice, one, dice.items()),
        { do: "pull", by: other(dice, one), how: "delta" },
        { do: "pull", by: one, how: "delta" },
      ],
    ];
  };

/** A history to play: the same for the same seed. Every kind of situation that its profile needs is in it. */
export function plan(seed: string, { profile, upset }: Kind): Schedule {
  const dice = new Dice(seededRandom(seed, `history ${profile} ${upset ?? ""}`));
  const groups: Step[][] = Array.from({ length: GROUPS }, () => []);
  const place = (parts: Step[][]): void => {
    const at = new Set<number>();
    while (at.size < Math.min(parts.length, GROUPS)) at.add(dice.below(GROUPS));
    const places = [...at].toSorted((a, b) => a - b);
    parts.forEach((steps, index) => groups[places[index]!]!.push(...steps));
  };
  const scenes = profile === "http" ? HTTP : REALTIME;
  const chosen = upset
    ? scenes.filter(() => dice.chance(0.6)).concat(upsets(upset, profile), upsets(upset, profile))
    : scenes;
  // The users have their turns by chance, but each kind of thing befalls one at least.
  for (const scene of chosen) {
    const user = dice.below(USERS);
    place(scene(dice, () => [user, dice.below(DEVICES)]));
  }
  const favourite = dice.pick(HOT);
  for (let user = 0; user < USERS && profile === "http"; user += 1)
    place(longLife(favourite)(dice, () => [user, dice.below(DEVICES)]));
  if (profile === "realtime") {
    const first: Step[] = [];
    for (let user = 0; user < USERS; user += 1)
      for (let device = 0; device < DEVICES; device += 1)
        if (device > 0 || dice.chance(0.5)) first.push({ do: "connect", by: [user, device], from: "start" });
    groups.unshift(first);
  }
  return { format: "mirubato-sync schedule 1", profile, users: USERS, devices: DEVICES, groups };
}
