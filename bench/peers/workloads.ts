import type { Case, Trial } from "../../conformance/bench/interleave.ts";
import type { Workload } from "../../conformance/bench/result.ts";
import { countingProxy } from "./counting-proxy.ts";
import type { Device, Entry, Peer, PeerServer } from "./peer.ts";

/** Something that every peer does, and how. */
export interface PeerWork {
  workload: Workload;
  open(server: PeerServer, account: string): Promise<Trial>;
}

const CHANGES = 10;
const FILL_AT_ONCE = 500;
const FIRST_DAY = Date.parse("2026-01-01T07:00:00Z");

/** `count` entries that no call gave before. */
function newEntries(account: string, count: number): Entry[] {
  return Array.from({ length: count }, () => {
    const number = ++made;
    return {
      id: `${account}-${number}`,
      timestamp: new Date(FIRST_DAY + number * 60_000).toISOString(),
      duration: number % 120,
      type: "practice",
      instrument: "piano",
      notes: `Session ${number}: scales in thirds, slowly, then the second movement.`,
    };
  });
}
let made = 0;

const idsOf = (entries: readonly Entry[]): string[] => entries.map(({ id }) => id);

async function time(act: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await act();
  return performance.now() - begun;
}

const lower = { better: "lower", baseline: "mirubato" } as const;

/** One device writes; what counts is the time until the server has acknowledged all. */
export const write = (count: number): PeerWork => ({
  workload: {
    id: `write-${count}`,
    title: `Write ${count}, acknowledged`,
    group: "Write, acknowledged",
    about: `One device writes ${count} new ${count === 1 ? "entry" : "entries"} at once: time until the server has acknowledged all of them.`,
    unit: "ms",
    ...lower,
  },
  async open(server, account) {
    const device = await server.device(account);
    return {
      async once() {
        const entries = newEntries(account, count);
        return { value: await time(() => device.write(entries)) };
      },
      close: () => device.close(),
    };
  },
});

/** A device was away while another wrote; what counts is the time from its connecting until it has that. */
export const catchUp = (among: number): PeerWork => ({
  workload: {
    id: `catch-up-${among}`,
    title: `Catch-up: ${CHANGES} changes among ${among.toLocaleString("en")}`,
    group: "Catch-up",
    about: `A device has ${among.toLocaleString("en")} entries of its account, and is away while another device writes ${CHANGES}: time from connecting until it has them. The account grows by ${CHANGES} each time.`,
    unit: "ms",
    ...lower,
  },
  async open(server, account) {
    const writer = await server.device(account);
    await fill(writer, account, among);
    const away = await server.device(account);
    return {
      async once() {
        await away.disconnect();
        const entries = newEntries(account, CHANGES);
        await writer.write(entries);
        const value = await time(async () => {
          await away.connect();
          await away.has(idsOf(entries));
        });
        return { value };
      },
      close: () => closeAll([writer, away]),
    };
  },
});

/** One device writes while others listen; what counts is the time until the last of them has it. */
export const fanOut = (count: number): PeerWork => ({
  workload: {
    id: `fan-out-${count}`,
    title: `Fan-out to ${count} devices`,
    group: "Fan-out",
    about: `One device writes an entry while ${count} others of its account are connected: time until the last of them has it. All devices share one process.`,
    unit: "ms",
    ...lower,
  },
  async open(server, account) {
    const writer = await server.device(account);
    const others = await openAll(server, account, count);
    return {
      async once() {
        const entries = newEntries(account, 1);
        const value = await time(() =>
          Promise.all([writer.write(entries), ...others.map((device) => device.has(idsOf(entries)))]),
        );
        return { value };
      },
      close: () => closeAll([writer, ...others]),
    };
  },
});

/** What passes between devices and server, both directions, while one writes and another hears of it. */
export const bytesOf = (count: number): PeerWork => ({
  workload: {
    id: `bytes-${count}`,
    title: `Bytes: ${count} written, and heard`,
    group: "Bytes on the wire",
    about: `One device writes ${count} new ${count === 1 ? "entry" : "entries"} while another of its account listens: bytes in both directions of both devices until the one has its acknowledgement and the other has the entries, with HTTP headers and WebSocket frames.`,
    unit: "bytes",
    ...lower,
  },
  async open(server, account) {
    const proxy = await countingProxy(server.url);
    const [writer, other] = [
      await server.device(account, proxy.url),
      await server.device(account, proxy.url),
    ];
    return {
      async once() {
        const entries = newEntries(account, count);
        const before = proxy.bytes();
        await Promise.all([writer.write(entries), other.has(idsOf(entries))]);
        return { value: proxy.bytes() - before };
      },
      async close() {
        await closeAll([writer, other]);
        await proxy.close();
      },
    };
  },
});

/** A peer doing a work, on an account of its own. */
export function caseOf(work: PeerWork, peer: Peer, server: PeerServer): Case {
  return {
    workload: work.workload,
    subject: peer.subject.id,
    open: () => work.open(server, `account-${work.workload.id}`),
  };
}

async function fill(device: Device, account: string, count: number): Promise<void> {
  for (let left = count; left > 0; left -= FILL_AT_ONCE)
    await device.write(newEntries(account, Math.min(left, FILL_AT_ONCE)));
}

/** One after the other: how devices come is not measured. */
async function openAll(server: PeerServer, account: string, count: number): Promise<Device[]> {
  const devices: Device[] = [];
  for (let number = 0; number < count; number++) devices.push(await server.device(account));
  return devices;
}

async function closeAll(devices: readonly Device[]): Promise<void> {
  for (const device of devices) await device.close();
}
