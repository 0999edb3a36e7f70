import { describe, expect, test } from "vitest";
import { ENTITY_TYPES } from "../../schemas/collections.ts";
import { ENTITIES } from "../../schemas/entities/index.ts";
import { effectiveLimits } from "../../schemas/limits.ts";
import { validate } from "../../schemas/validators.ts";
import { Dice } from "../histories/dice.ts";
import { seededRandom } from "../run/seeded.ts";
import { inputsOf, missingKinds } from "./demand.ts";
import { makingOf, sweep, validItem } from "./items.ts";
import { bytesOf } from "./requests.ts";
import type { FuzzRequest } from "./requests.ts";
import { SPOILS } from "./texts.ts";

const NOW = Date.parse("2026-03-01T10:00:00Z");
const SEEDS = Array.from({ length: 50 }, (_, index) => `seed ${index}`);
const diceOf = (seed: string): Dice => new Dice(seededRandom(seed, "test"));
const limits = effectiveLimits({});
const ALL = { sweeps: true, times: 2, random: 40 };
const ground = { limits, now: () => NOW };

describe("what is made from the contracts", () => {
  test.each(ENTITY_TYPES)("a valid %s is valid, with some members and with all", (entityType) => {
    for (const seed of SEEDS)
      for (const whole of [false, true])
        expect(validate(entityType, validItem(makingOf(diceOf(seed), NOW, whole), entityType))).toEqual([]);
  });

  test("every member of every type is dropped, null and of another type, whatever the seed", () => {
    for (const seed of SEEDS.slice(0, 5)) {
      const told = new Set(
        sweep(diceOf(seed), NOW).map(
          ({ entityType, change, about }) => `${entityType} ${change} ${about?.split(" ")[1]}`,
        ),
      );
      for (const entityType of ENTITY_TYPES)
        for (const name of Object.keys(ENTITIES[entityType].properties))
          for (const change of ["a member dropped", "a member null", "a member of another type"])
            expect(told).toContain(`${entityType} ${change} /${name}:`);
    }
  });

  test("every declared kind is there, whatever the seed", () => {
    for (const channel of ["http", "realtime"] as const)
      for (const seed of SEEDS.slice(0, 10)) {
        const kinds = inputsOf(ground, channel, seed, ALL).flatMap((input) => input.kinds);
        expect(missingKinds(channel, new Map(kinds.map((kind) => [kind, 1])))).toEqual([]);
      }
  });

  test("one seed makes the same inputs again", () => {
    for (const channel of ["http", "realtime"] as const)
      expect(inputsOf(ground, channel, "s", ALL)).toEqual(inputsOf(ground, channel, "s", ALL));
  });

  test("no body is longer than a server may allow, as short as its limits are", () => {
    const short = { ...limits, maxItems: 3, maxBodyBytes: 20_000 };
    const bodies = inputsOf({ limits: short, now: () => NOW }, "http", "s", ALL)
      .map((input) => input as FuzzRequest)
      .filter(({ noJson }) => !noJson);
    expect(Math.max(...bodies.map((one) => bytesOf(one)?.length ?? 0))).toBeLessThan(20_000);
  });
});

describe("what is no I-JSON", () => {
  const value = { changes: { goals: [{ id: "g", title: "a\u00e9", tags: ["x", 1] }] } };
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** JSON.parse takes these: what is wrong with them I-JSON forbids. */
  const JSON_ALL_THE_SAME = ["a member twice", "a lone surrogate", "a number too great", "nested too deep"];

  test.each(Object.keys(SPOILS).filter((kind) => !JSON_ALL_THE_SAME.includes(kind)))(
    "%s is never JSON",
    (kind) => {
      for (const seed of SEEDS) {
        const spoilt = SPOILS[kind]!(diceOf(seed), value, 32);
        expect(
          () => JSON.parse(typeof spoilt === "string" ? spoilt : strict.decode(spoilt)) as unknown,
        ).toThrow(/JSON|not valid|encoded data/i);
      }
    },
  );

  test.each(JSON_ALL_THE_SAME)("%s is JSON, and differs from what it was made of", (kind) => {
    for (const seed of SEEDS) {
      const spoilt = SPOILS[kind]!(diceOf(seed), value, 32) as string;
      expect(() => JSON.parse(spoilt) as unknown).not.toThrow();
      expect(spoilt).not.toBe(JSON.stringify(value));
    }
  });
});
