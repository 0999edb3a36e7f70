import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { play } from "../../conformance/bench/play.ts";
import type { Measurement, Subject, Target } from "../../conformance/bench/result.ts";
import { judge } from "../../conformance/bench/statistics.ts";
import { readFlags } from "../flags.ts";
import { report } from "../report.ts";
import { versionOf } from "../version.ts";
import { durableStreams } from "./durable-streams.ts";
import { mirubato } from "./mirubato.ts";
import type { Peer, PeerServer } from "./peer.ts";
import { pouchdb } from "./pouchdb.ts";
import { tinybase } from "./tinybase.ts";
import { bytesOf, caseOf, catchUp, fanOut, write } from "./workloads.ts";
import { yjs } from "./yjs.ts";

/* npm run bench:peers -- [--quick] [--keep]: other sync engines beside the reference, on the same work, in turn. */

const { profile, keep } = readFlags("bench:peers");

/** Each with the package whose version is told. */
const PEERS: readonly { peer: Peer; packages: string[] }[] = [
  { peer: mirubato, packages: [] },
  { peer: tinybase, packages: ["tinybase"] },
  { peer: yjs, packages: ["y-partyserver", "partyserver", "yjs"] },
  { peer: pouchdb, packages: ["express-pouchdb", "pouchdb"] },
  { peer: durableStreams, packages: ["@durable-streams/server", "@durable-streams/client"] },
];

const WORK = [
  ...[1, 50, 500].map(write),
  ...(profile === "quick" ? [100, 1_000] : [100, 10_000]).map(catchUp),
  ...[2, 10, 50].map(fanOut),
  ...[1, 50].map(bytesOf),
];

const PLAN = { quick: { repetitions: 3, warmUps: 1 }, full: { repetitions: 15, warmUps: 3 } };

const NOTES = [
  "Each peer is its own server with its own client, both as their documentation has them; all devices share one Node process, each server has a process of its own, and data is in a folder on the same disk.",
  "A ratio is the peer's figure divided by that of Mirubato Sync in the same repetition; more than 1: the peer takes longer, or more bytes.",
  "Flushes to the disk (fsync, fdatasync) for one write, seen by strace: Mirubato Sync 3, TinyBase 1, Yjs 1, PouchDB none, Durable Streams 5. What an acknowledgement means is said beside each.",
  "A repeated write does no harm in any of them. None of the peers validates what is written, or has a user's token checked here.",
  "Left out: y-durableobjects, which the npm registry does not have; rxdb-server, for its licence (SSPL); pouchdb-server, which is express-pouchdb with a command line.",
];

/** Ahead of every peer whose acknowledgement means as much, in time. */
function ahead(measurements: readonly Measurement[]): Target[] {
  const asDurable = new Set([tinybase, yjs, durableStreams].map(({ subject }) => subject.id));
  return WORK.filter(({ workload }) => workload.unit === "ms").map(({ workload }) => {
    const ratios = measurements
      .filter((one) => one.workload === workload.id && asDurable.has(one.subject))
      .map(({ ratio }) => ratio!.median);
    const says = `${workload.title}: the fastest peer with flushed storage takes as long at least`;
    return judge({ says, atLeast: 1 }, Math.min(...ratios));
  });
}

function subjectOf({ peer: { subject }, packages }: (typeof PEERS)[number]): Subject {
  const version = packages.map((name) => `${name} ${versionOf(name)}`).join(", ");
  return { ...subject, ...(version !== "" && { version }) };
}

const folder = await mkdtemp(join(tmpdir(), "mirubato-bench-"));
const servers: { peer: Peer; server: PeerServer }[] = [];
try {
  for (const { peer } of PEERS) {
    const own = join(folder, peer.subject.id);
    await mkdir(own);
    servers.push({ peer, server: await peer.start(own) });
  }
  const result = await play({
    title: "Other sync engines on the same work",
    seed: "none: the work is the same in every run",
    profile,
    plan: PLAN[profile],
    subjects: PEERS.map(subjectOf),
    groups: WORK.map((work) => servers.map(({ peer, server }) => caseOf(work, peer, server))),
    versions: { workerd: versionOf("workerd"), miniflare: versionOf("miniflare") },
    notes: NOTES,
    targets: ahead,
    onGroup: (title, index, of) => process.stdout.write(`  ${index + 1} of ${of}  ${title}\n`),
  });
  report("peers", result, keep);
} finally {
  for (const { server } of servers) await server.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
