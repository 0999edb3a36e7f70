import { seededRandom } from "../run/seeded.ts";
import type { JsonObject } from "../../schemas/json.ts";

const PIECES = [
  "Nocturne in E flat",
  "Sonata in A, first movement",
  "Two-part Invention",
  "Album Leaf",
  "Study in thirds",
];
const TECHNIQUES = ["scales", "arpeggios", "octaves", "trills", "voicing", "pedalling"];
const FIRST_STAMP = Date.UTC(2026, 0, 1);

/** Practice entries of about 450 bytes of JSON, always the same from the same seed and name; stamps only ever rise, in the past. */
export class Entries {
  readonly #random: () => number;
  readonly #name: string;
  #count = 0;

  constructor(seed: string, name: string) {
    this.#random = seededRandom(seed, name);
    this.#name = name;
  }

  one(): JsonObject {
    const stamp = this.#stamp();
    const piece = this.#below(PIECES.length);
    return {
      id: `${this.#name}-${String(this.#count).padStart(7, "0")}`,
      timestamp: stamp,
      duration: 5 + this.#below(85),
      type: "practice",
      instrument: "piano",
      // With ids, as apps name pieces: the item is stored as it is sent.
      pieces: [
        {
          id: `score_${1 + piece}`,
          title: PIECES[piece]!,
          composer: "Anonymous",
          measures: `${1 + this.#below(40)}-64`,
          tempo: 60 + this.#below(80),
        },
      ],
      techniques: [this.#pick(TECHNIQUES), this.#pick(TECHNIQUES)],
      goalIds: [],
      notes: `Slow and even, left hand alone first; ${this.#below(1e9).toString(36)} times with the metronome.`,
      mood: "satisfied",
      tags: ["morning", this.#pick(TECHNIQUES)],
      createdAt: stamp,
      updatedAt: stamp,
    };
  }

  some(count: number): JsonObject[] {
    return Array.from({ length: count }, () => this.one());
  }

  /** The same entries, written later. */
  edited(entries: readonly JsonObject[]): JsonObject[] {
    return entries.map((entry) => ({ ...entry, duration: 5 + this.#below(85), updatedAt: this.#stamp() }));
  }

  /** Some of these, each at most once. */
  sample<T>(all: readonly T[], count: number): T[] {
    const left = [...all.keys()];
    return Array.from({ length: Math.min(count, all.length) }, () => {
      const [index] = left.splice(this.#below(left.length), 1);
      return all[index!]!;
    });
  }

  #stamp(): string {
    this.#count += 1;
    return new Date(FIRST_STAMP + this.#count).toISOString();
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(choice: readonly T[]): T {
    return choice[this.#below(choice.length)]!;
  }
}
