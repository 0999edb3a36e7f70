import type { By, Fate, Planned, Step } from "./schedule.ts";

export const USERS = 2;
export const DEVICES = 3;
export const GROUPS = 12;
/** Of each type one, and a second of some. */
export const ENTITIES = 9;
/** A log entry, a goal, a piece. */
export const HOT = [0, 1, 2] as const;
export const DAY_MS = 86_400_000;

/** Something that happens, part by part: each part goes into a later group than the one before. */
export type Scene = (dice: Dice, by: () => By) => Step[][];

/** Random choices, and the numbers that must be unique in a schedule. */
export class Dice {
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

export const push = (dice: Dice, by: By, items: Planned[], fate?: Fate): Step & { request: number } => ({
  do: "push",
  by,
  request: dice.request(),
  items,
  ...(fate ? { fate } : {}),
});
export const mutate = (
  dice: Dice,
  by: By,
  items: Planned[],
  fate?: "lost" | "cut",
): Step & { request: number } => ({
  do: "mutate",
  by,
  request: dice.request(),
  items,
  ...(fate ? { fate } : {}),
});
export const again = ({ by, request }: { by: By; request: number }): Step => ({ do: "again", by, request });

/** Another device of the same user. */
export const other = (dice: Dice, [user, device]: By): By => [
  user,
  (device + 1 + dice.below(DEVICES - 1)) % DEVICES,
];

/** Each scene so many times. */
export function times(counts: readonly (readonly [Scene, number])[]): Scene[] {
  return counts.flatMap(([scene, count]) => Array.from({ length: count }, () => scene));
}
