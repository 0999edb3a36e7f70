import type { Case } from "./interleave.ts";
import type { Plan } from "./plan.ts";
import type { BenchServer } from "./server.ts";
import { deltaPull, fullPull, libraryOf, socketCatchUp } from "./trials/reading.ts";
import { acknowledging, fanOut, idling } from "./trials/realtime.ts";
import type { Named } from "./trials/named.ts";
import { manyUsers, pushing } from "./trials/writing.ts";

/** Everything that is asked of a conforming server: what stands together is compared, and is to be played in the same rounds. */
export interface Cases {
  groups: Case[][];
  /** What can't be asked of this server, and why. */
  leftOut: string[];
}

/** @param memory what the server's process holds, in bytes, where that can be known */
export function casesOf(named: Named<BenchServer>, plan: Plan, memory?: () => Promise<number>): Cases {
  const { catchUp } = plan;
  const libraries = new Map(
    [...catchUp.among, plan.fullPull].map((size) => [size, libraryOf(named, size)] as const),
  );
  const sizes = catchUp.among.map((size) => [libraries.get(size)!, size, catchUp] as const);
  const groups = [
    ...plan.push.map(({ items, requests }) => [pushing(named, items, requests)]),
    [fullPull(named, libraries.get(plan.fullPull)!, plan.fullPull)],
    sizes.map((size) => deltaPull(named, ...size)),
    [manyUsers(named, plan.manyUsers)],
  ];
  const { subject, limits } = named.server;
  if (!subject.discovery.profiles.includes("realtime") || subject.dial === undefined)
    return { groups, leftOut: ["everything on sockets: the server does not offer the profile realtime"] };

  const fits = plan.fanOut.devices.filter((devices) => devices < limits.maxConnections);
  const tooMany = plan.fanOut.devices.filter((devices) => !fits.includes(devices));
  groups.push(
    sizes.map((size) => socketCatchUp(named, ...size)),
    [acknowledging(named, plan.acks)],
    ...fits.map((devices) => [fanOut(named, devices, plan.fanOut.messages)]),
    ...(memory ? [[idling(named, plan.idle, memory)]] : []),
  );
  const leftOut = tooMany.map(
    (devices) =>
      `fan-out to ${devices} devices: the server takes ${limits.maxConnections} sockets of a user (maxConnections)`,
  );
  return { groups, leftOut };
}
