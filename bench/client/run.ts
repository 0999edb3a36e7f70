import { afterwards, describeMachine } from "../../conformance/bench/machine.ts";
import type { Measurement, Subject, Workload } from "../../conformance/bench/result.ts";
import { middle, ratio } from "../../conformance/bench/statistics.ts";
import { ORIGIN } from "../../reference-client/adapters/testing/chromium.ts";
import { bundleServer } from "../../reference-server/build.ts";
import { launch } from "../../reference-server/serve.ts";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";
import { readFlags } from "../flags.ts";
import { report } from "../report.ts";
import { inChromium } from "./chromium.ts";
import { inNode, type NodeRound } from "./node.ts";
import { BUNDLED, sizes } from "./sizes.ts";
import { suiteSeconds } from "./suite.ts";

/* npm run bench:client -- [--quick] [--keep]: the reference client with many items, in Node and Chromium; its size; the suite's own run time. */

const { profile, keep } = readFlags("bench:client");
const { count, rounds } = { quick: { count: 1_000, rounds: 2 }, full: { count: 10_000, rounds: 3 } }[profile];
const items = count.toLocaleString("en");
const say = (what: string): void => void process.stdout.write(`  ${what}\n`);

const SUBJECTS: readonly Subject[] = [
  {
    id: "node",
    name: "Node",
    about: "The reference client in Node, its storage in files.",
    durability: "Flushed to the disk (fsync) before a write resolves.",
  },
  { id: "node-raw", name: "Node, raw", about: "The client's files read and parsed, and no more." },
  {
    id: "chromium",
    name: "Chromium",
    about: "The reference client in a page, its storage in IndexedDB.",
    durability: "IndexedDB's transaction is complete.",
  },
  {
    id: "chromium-raw",
    name: "Chromium, raw",
    about: "The same rows by IndexedDB's getAll, and no more; for what is blocked, a page at rest.",
  },
  { id: "suite", name: "The suite", about: "Every check against a reference, as npm starts it." },
];

const lower = { better: "lower" } as const;
const flush = (where: string): Workload => ({
  id: `flush-${where}`,
  title: `Flush of ${items} queued items, ${where}`,
  group: "Flush",
  about: `${items} entries were written offline: time until the reference server has acknowledged all of them and that is stored.`,
  unit: "ms",
  ...lower,
});
const reopen = (where: string): Workload => ({
  id: `open-${where}`,
  title: `Cold open of ${items} entities, ${where}`,
  group: "Cold open",
  about: `Time from open() to the list of all ${items} entities and back to closed.`,
  unit: "ms",
  ...lower,
  baseline: `${where}-raw`,
});
const pull: Workload = {
  id: "pull-chromium",
  title: `Full pull of ${items} entities, chromium`,
  group: "Full pull",
  about: `A new device asks for everything: time until all ${items} entities are stored.`,
  unit: "ms",
  ...lower,
};
const blocked: Workload = {
  id: "blocked-chromium",
  title: "Longest block of the page during the flush",
  group: "Blocked",
  about: "The longest time for which the page could not have drawn or heard a click; a frame is 16.7 ms.",
  unit: "ms",
  ...lower,
  baseline: "chromium-raw",
};
const size = (kind: string, title: string): Workload => ({
  id: `size-${kind}`,
  title,
  group: "Bundle",
  about: "A browser's bundle by esbuild with the same settings, minified and gzipped.",
  unit: "bytes",
  ...lower,
  baseline: "mirubato",
});
const suite = (role: string): Workload => ({
  id: `suite-${role}`,
  title: `Every check against the reference ${role}`,
  group: "The suite's own run",
  about: "Wall-clock time of one run on all cores.",
  unit: "s",
  ...lower,
});

const workloads: Workload[] = [];
const measurements: Measurement[] = [];

/** Of one workload, all subjects' values by name; all were taken in the same rounds. */
function found(workload: Workload, by: Record<string, number[]>): void {
  workloads.push(workload);
  const all = Object.entries(by).map(([subject, values]) => ({
    workload: workload.id,
    subject,
    values,
    ...middle(values),
  }));
  const base = all.find(({ subject }) => subject === workload.baseline);
  for (const one of all)
    measurements.push(base === undefined || one === base ? one : { ...one, ratio: ratio(one, base) });
}

const machine = describeMachine();
const startedAt = new Date();
const server = await launch(await bundleServer(), { jwtSecret: DEVELOPMENT_SECRET, origins: [ORIGIN] });
try {
  say(`${items} items in Node`);
  const node: NodeRound[] = [];
  for (let round = 0; round < rounds; round++) node.push(await inNode(server.url, count, round));
  found(flush("node"), { node: node.map((one) => one.flush) });
  found(reopen("node"), {
    node: node.map((one) => one.reopen),
    "node-raw": node.map((one) => one.raw),
  });

  say(`${items} items in Chromium`);
  const chromium = await inChromium(server.url, count, rounds);
  machine.versions["chromium"] = chromium.version;
  const took = (what: "flush" | "pull" | "reopen" | "raw"): number[] =>
    chromium.rounds.map((one) => one[what].took);
  found(flush("chromium"), { chromium: took("flush") });
  found(reopen("chromium"), { chromium: took("reopen"), "chromium-raw": took("raw") });
  found(pull, { chromium: took("pull") });
  found(blocked, {
    chromium: chromium.rounds.map((one) => one.flush.blocked),
    "chromium-raw": chromium.rounds.map((one) => one.rest.blocked),
  });
} finally {
  await server.close();
}

say("bundles");
const bundles = await sizes();
for (const [kind, title] of [
  ["memory", "Client without storage"],
  ["indexedDb", "Client with IndexedDB"],
] as const)
  found(
    size(kind, title),
    Object.fromEntries(
      bundles.filter((one) => one.kind === kind).map(({ subject, bytes }) => [subject, [bytes]]),
    ),
  );

if (profile === "full")
  for (const role of ["server", "client"] as const) {
    say(`the suite against the reference ${role}`);
    found(suite(role), { suite: [await suiteSeconds(role)] });
  }

const used = new Set(measurements.map(({ subject }) => subject));
report(
  "client",
  {
    schemaVersion: "1.0",
    title: "The reference client with many items, its size, and the suite's run time",
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    seed: "none: the work is the same in every run",
    profile,
    machine: afterwards(machine),
    subjects: [...SUBJECTS, ...BUNDLED].filter(({ id }) => used.has(id)),
    workloads,
    measurements,
    targets: [],
    notes: [
      "Client and server share the machine. Chromium and Node do not take turns: compare each with its own raw figure.",
      "Bundles keep every export that an app needs to sync, and say nothing about what else a library offers.",
    ],
  },
  keep,
);
