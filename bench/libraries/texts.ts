import { createHash } from "node:crypto";
import { sha256 as noble } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";
import fastJsonStableStringify from "fast-json-stable-stringify";
import { sha256 as jsSha256 } from "js-sha256";
import { canonicalize as jsonCanonicalize } from "json-canonicalize";
import { configure } from "safe-stable-stringify";
import type { Case } from "../../conformance/bench/interleave.ts";
import type { Subject, Workload } from "../../conformance/bench/result.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { canonicalJson } from "../../spec/rules/canonical-json.ts";
import { sha256Hex } from "../../spec/rules/sha-256.ts";
import { versionOf } from "../version.ts";
import { caseOf, type Contender } from "./contender.ts";
import { ENTRIES } from "./corpus.ts";

const safeStableStringify = configure({ deterministic: true });

function library(name: string, about: string): Subject {
  return { id: name, name, version: versionOf(name), about };
}

const CANONICAL: readonly Contender<JsonObject>[] = [
  {
    subject: {
      id: "canonical-json",
      name: "Mirubato canonical JSON",
      about: "spec/rules/canonical-json.ts: RFC 8785; refuses what JSON can't say and names the place.",
    },
    act: canonicalJson,
  },
  { subject: library("canonicalize", "RFC 8785."), act: canonicalize },
  { subject: library("json-canonicalize", "RFC 8785."), act: (value) => jsonCanonicalize(value) },
  {
    subject: library("safe-stable-stringify", "Sorted members; not RFC 8785 in every corner."),
    act: (value) => safeStableStringify(value),
  },
  {
    subject: library("fast-json-stable-stringify", "Sorted members; not RFC 8785 in every corner."),
    act: (value) => fastJsonStableStringify(value),
  },
];

const encoder = new TextEncoder();

const DIGEST: readonly Contender<string>[] = [
  {
    subject: {
      id: "sha256",
      name: "Mirubato SHA-256",
      about:
        "spec/rules/sha-256.ts: the platform's crypto.subtle, which browsers and Workers have; asynchronous.",
    },
    act: sha256Hex,
  },
  {
    subject: {
      id: "node-crypto",
      name: "node:crypto",
      version: process.versions.node,
      about: "createHash; in Node alone, synchronous.",
    },
    act: (text) => createHash("sha256").update(text).digest("hex"),
  },
  {
    subject: library("@noble/hashes", "In JavaScript, synchronous."),
    act: (text) => bytesToHex(noble(encoder.encode(text))),
  },
  { subject: library("js-sha256", "In JavaScript, synchronous."), act: (text) => jsSha256(text) },
];

export const TEXT_LIBRARIES: readonly Subject[] = [...CANONICAL, ...DIGEST].map(({ subject }) => subject);

function inNanoseconds(id: string, title: string, group: string, baseline: string): Workload {
  return {
    id,
    title,
    group,
    about: `${ENTRIES.length} logbook entries of about 600 bytes, over and over: time for one.`,
    unit: "ns",
    better: "lower",
    baseline,
  };
}

/** The same outcome of everyone for everything, or they would not do the same work. */
async function requireAgreement<Message>(
  contenders: readonly Contender<Message>[],
  messages: readonly Message[],
): Promise<void> {
  for (const message of messages) {
    const wanted = await contenders[0]!.act(message);
    for (const { subject, act } of contenders)
      if ((await act(message)) !== wanted)
        throw new Error(`${subject.name} makes something else of ${JSON.stringify(message)}`);
  }
}

export async function textCases(): Promise<Case[][]> {
  const texts = ENTRIES.map(canonicalJson);
  await requireAgreement(CANONICAL, ENTRIES);
  await requireAgreement(DIGEST, texts);
  const canonical = inNanoseconds(
    "canonical",
    "Canonical JSON",
    "Canonical JSON and checksum",
    "canonical-json",
  );
  const digest = inNanoseconds("sha-256", "SHA-256 of that text", "Canonical JSON and checksum", "sha256");
  return [
    CANONICAL.map((contender) => caseOf(canonical, contender, ENTRIES)),
    DIGEST.map((contender) => caseOf(digest, contender, texts)),
  ];
}
