import { casesOf } from "../conformance/bench/cases.ts";
import { play } from "../conformance/bench/play.ts";
import type { Plan } from "../conformance/bench/plan.ts";
import type { BenchResult } from "../conformance/bench/result.ts";
import { HELLO, RAW_SUBJECTS, rawCases } from "./raw/cases.ts";
import { openServers, REFERENCE } from "./reference.ts";
import { judgeTargets } from "./targets.ts";

export interface ServerBench {
  seed: string;
  profile: BenchResult["profile"];
  plan: Plan;
  signal: AbortSignal;
  onGroup?: (title: string, index: number, of: number) => void;
}

/** The reference server beside the raw limits of the platform that it runs on. */
export async function benchServer({
  seed,
  profile,
  plan,
  signal,
  onGroup,
}: ServerBench): Promise<BenchResult> {
  const servers = await openServers(Date.now().toString(36), signal);
  try {
    const named = { server: servers.reference, subject: REFERENCE.id, seed };
    const { groups } = casesOf(named, plan, servers.memory.reference);
    const raw = rawCases(servers.raw, seed, plan, servers.memory.raw);
    const beside = groups.map((group) =>
      group.flatMap((one) => [one, ...raw.filter(({ workload }) => workload.id === one.workload.id)]),
    );
    return await play({
      title: "The reference server beside the limits of its platform",
      seed,
      profile,
      plan,
      subjects: [REFERENCE, ...RAW_SUBJECTS],
      groups: [raw.filter(({ workload }) => workload === HELLO), ...beside],
      versions: servers.versions,
      notes: [
        "Client and servers share the machine; the client is the same program for all of them.",
        "Each subject runs in a workerd of its own, of the same version and with the same options, and keeps its data in a folder beside the other's: in memory where the system offers a file system there, so that no disk is measured.",
        "A repetition of one subject is followed by one of the other; ratios are taken repetition by repetition.",
        "Fan-out to few devices is a question of storing: the bare object has nothing to store, the server has each entry in D1 before anybody is told.",
      ],
      targets: (measurements) => judgeTargets(REFERENCE.id, measurements),
      signal,
      ...(onGroup && { onGroup }),
    });
  } finally {
    await servers.close();
  }
}
