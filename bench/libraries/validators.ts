import { readFileSync } from "node:fs";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { Value } from "@sinclair/typebox/value";
import { Ajv2020, type AnySchemaObject } from "ajv/dist/2020.js";
import type { Case } from "../../conformance/bench/interleave.ts";
import type { Subject, Workload } from "../../conformance/bench/result.ts";
import * as precompiled from "../../schemas/generated/validators.js";
import { caseOf } from "./contender.ts";
import { ENTRIES, METAS, WRONG_ENTRIES, WRONG_METAS } from "./corpus.ts";
import * as typebox from "./typebox-schemas.ts";
import { versionOf } from "../version.ts";
import * as zod from "./zod-schemas.ts";

type Judge = (value: unknown) => boolean;

interface Library {
  subject: Subject;
  entry: Judge;
  meta: Judge;
  /** Lists what is wrong with an entry; absent where the library stops at the first. */
  tell?: (value: unknown) => unknown;
}

const published = (name: string): AnySchemaObject =>
  JSON.parse(
    readFileSync(new URL(`../../schemas/generated/json-schema/${name}.json`, import.meta.url), "utf8"),
  ) as AnySchemaObject;

function byAjv(options: object) {
  const ajv = new Ajv2020({ strict: false, ...options });
  const entry = ajv.compile(published("logbook_entry"));
  return { entry, meta: ajv.compile(published("meta")), tell: errorsOf(entry) };
}

const errorsOf =
  (judge: Judge & { errors?: unknown }) =>
  (value: unknown): unknown => {
    judge(value);
    return judge.errors;
  };

const [entryType, metaType] = [typebox.Entry, typebox.Meta].map((schema) => TypeCompiler.Compile(schema));

const LIBRARIES: readonly Library[] = [
  {
    subject: {
      id: "validators",
      name: "Mirubato validators",
      about:
        "schemas/generated/validators.js: Ajv's code, made ahead, without code made at run time; lists all errors up to a bound.",
    },
    entry: precompiled.logbook_entry,
    meta: precompiled.meta,
    tell: errorsOf(precompiled.logbook_entry),
  },
  {
    subject: {
      id: "ajv",
      name: "Ajv",
      version: versionOf("ajv"),
      about: "The published JSON Schema, compiled at run time, Ajv's own defaults.",
    },
    ...byAjv({}),
    tell: undefined,
  },
  {
    subject: {
      id: "ajv-all-errors",
      name: "Ajv, all errors",
      version: versionOf("ajv"),
      about: "The same, but it lists all errors, and without texts for them.",
    },
    ...byAjv({ allErrors: true, messages: false }),
  },
  {
    subject: {
      id: "typebox-compiler",
      name: "TypeBox TypeCompiler",
      version: versionOf("@sinclair/typebox"),
      about: "The same contracts in TypeBox's types, compiled at run time (`new Function`).",
    },
    entry: (value) => entryType!.Check(value),
    meta: (value) => metaType!.Check(value),
    tell: (value) => [...entryType!.Errors(value)],
  },
  {
    subject: {
      id: "typebox-value",
      name: "TypeBox Value.Check",
      version: versionOf("@sinclair/typebox"),
      about: "The same types, interpreted.",
    },
    entry: (value) => Value.Check(typebox.Entry, value),
    meta: (value) => Value.Check(typebox.Meta, value),
    tell: (value) => [...Value.Errors(typebox.Entry, value)],
  },
  {
    subject: {
      id: "zod",
      name: "zod",
      version: versionOf("zod"),
      about: "The same contracts in zod's types, safeParse.",
    },
    entry: (value) => zod.Entry.safeParse(value).success,
    meta: (value) => zod.Meta.safeParse(value).success,
    tell: (value) => zod.Entry.safeParse(value).error,
  },
];

export const VALIDATORS: readonly Subject[] = LIBRARIES.map(({ subject }) => subject);

/** Whether each library says the same of the whole corpus: else they would not do the same work. */
function requireAgreement(): void {
  for (const [kind, messages, right] of [
    ["entry", ENTRIES, true],
    ["entry", WRONG_ENTRIES, false],
    ["meta", METAS, true],
    ["meta", WRONG_METAS, false],
  ] as const)
    for (const library of LIBRARIES)
      for (const message of messages)
        if (library[kind](message) !== right)
          throw new Error(
            `${library.subject.name} says ${!right} of a ${right ? "right" : "wrong"} ${kind}: ${JSON.stringify(message)}`,
          );
}

const inNanoseconds = (id: string, title: string, what: string): Workload => ({
  id,
  title,
  group: "Validation",
  about: `${ENTRIES.length} messages, over and over: time ${what}.`,
  unit: "ns",
  better: "lower",
  baseline: "validators",
});

export function validatorCases(): Case[][] {
  requireAgreement();
  const entry = inNanoseconds("validate-entry", "A logbook entry", "to judge one");
  const meta = inNanoseconds("validate-meta", "What a server tells of an entity", "to judge one");
  const wrong = inNanoseconds(
    "validate-entry-wrong",
    "An entry with a wrong member",
    "to list what is wrong with one",
  );
  return [
    LIBRARIES.map(({ subject, entry: act }) => caseOf(entry, { subject, act }, ENTRIES)),
    LIBRARIES.map(({ subject, meta: act }) => caseOf(meta, { subject, act }, METAS)),
    LIBRARIES.flatMap(({ subject, tell: act }) =>
      act === undefined ? [] : [caseOf(wrong, { subject, act }, WRONG_ENTRIES)],
    ),
  ];
}
