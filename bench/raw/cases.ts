import { Entries } from "../../conformance/bench/entries.ts";
import type { Case, Sample } from "../../conformance/bench/interleave.ts";
import type { Plan } from "../../conformance/bench/plan.ts";
import type { Subject, Workload } from "../../conformance/bench/result.ts";
import type { BenchSocket } from "../../conformance/bench/socket.ts";
import { median } from "../../conformance/bench/statistics.ts";
import { atOnce, inTurn, timed } from "../../conformance/bench/timing.ts";
import * as workloads from "../../conformance/bench/workloads.ts";
import type { RawClient } from "./client.ts";

export const RAW_STORED = "raw-stored";

const D1 = "In D1, before it answers.";

/** What the platform can do, and what it can do in another way, which says what a part of the distance to it costs. */
export const RAW_SUBJECTS: Subject[] = [
  {
    id: workloads.RAW,
    name: "Raw limit",
    about:
      "The least Worker that moves the same bytes: a D1 batch of as many inserts, one select, a Durable Object that inserts and answers, or that only sends on. No token, no judgement, no versions, no log, no record for a retry.",
    durability: `${D1} In fan-out: nothing is stored at all.`,
  },
  {
    id: "raw-list",
    name: "Raw, one statement",
    about: "All items as one JSON parameter of one insert, as the reference server writes them.",
    durability: D1,
  },
  {
    id: "raw-echo",
    name: "Raw echo",
    about: "A Durable Object that sends back what came.",
    durability: "None.",
  },
  {
    id: RAW_STORED,
    name: "Raw, stored first",
    about: "A Durable Object that inserts each message into D1 by itself before it sends it on.",
    durability: D1,
  },
];

export const HELLO: Workload = {
  id: "hello",
  title: "Hello",
  group: "HTTP",
  about: "A Worker that answers with five bytes, one request at a time. Requests per second.",
  unit: "requests/s",
  better: "higher",
};

const HELLOS = 200;

/** What an event says beside the entry, so that as many bytes are sent on. */
const META = {
  entityType: "logbook_entry",
  version: 1,
  updatedAt: "2026-01-01T00:00:00.000Z",
  deletedAt: null,
  checksum: "0".repeat(64),
  timestamp: "2026-01-01T00:00:00.000Z",
};

/** The works that a server is asked for, as far as the platform alone can do them. */
export function rawCases(
  client: RawClient,
  seed: string,
  plan: Plan,
  memory?: () => Promise<number>,
): Case[] {
  const { catchUp, fanOut, manyUsers, idle } = plan;
  const entries = new Entries(seed, "raw");
  const plain = (workload: Workload, subject: string, once: () => Promise<Sample>): Case => ({
    workload,
    subject,
    open: async () => ({ once, close: async () => {} }),
  });
  const times = (operations: number[]): Sample => ({ value: median(operations), operations });

  const push = (items: number, requests: number, path: string, subject: string): Case =>
    plain(workloads.pushOf(items), subject, async () => {
      const user = client.user();
      await client.request(path, user, entries.some(items))();
      const pushes = Array.from({ length: requests }, () => client.request(path, user, entries.some(items)));
      const ms = await timed(() => atOnce(pushes, 1));
      return { value: (requests * items * 1000) / ms };
    });

  /** A user who has so many entries. */
  const stored = async (count: number): Promise<string> => {
    const user = client.user();
    for (let left = count; left > 0; left -= 500)
      await client.request("/list", user, entries.some(Math.min(500, left)))();
    return user;
  };

  const reading = (workload: Workload, rows: number, once: (user: string) => Promise<Sample>): Case => ({
    workload,
    subject: workloads.RAW,
    open: async () => {
      const user = await stored(rows);
      return { once: () => once(user), close: async () => {} };
    },
  });

  const fan = (devices: number, path: string, subject: string): Case =>
    plain(workloads.fanOutTo(devices, fanOut.messages), subject, async () => {
      const user = client.user();
      const sender = await client.socket(path, user);
      const listeners = await Promise.all(Array.from({ length: devices }, () => client.socket(path, user)));
      const texts = entries
        .some(fanOut.messages)
        .map((entry, seq) =>
          JSON.stringify({ type: "ENTRY_CREATED", id: entry["id"]!, entry, meta: { ...META, seq } }),
        );
      const ms = await timed(async () => {
        const told = listeners.map((listener) => listener.frames("ENTRY_CREATED", texts.length));
        for (const text of texts) sender.sendText(text);
        await Promise.all(told);
      });
      close([sender, ...listeners]);
      return { value: (devices * texts.length * 1000) / ms };
    });

  const ack = (path: string, subject: string): Case =>
    plain(workloads.ACK, subject, async () => {
      const socket = await client.socket(path, client.user());
      const write = async () => {
        const entry = entries.one();
        socket.send(entry);
        await socket.next((frame) => frame["id"] === entry["id"]);
      };
      await inTurn(10, write);
      const operations = await inTurn(plan.acks, write);
      socket.close();
      return times(operations);
    });

  return [
    plain(HELLO, workloads.RAW, async () => {
      const hello = client.request("/hello", "anybody");
      const ms = await timed(() => inTurn(HELLOS, hello));
      return { value: (HELLOS * 1000) / ms };
    }),
    ...plan.push.flatMap(({ items, requests }) => [
      push(items, requests, "/batch", workloads.RAW),
      push(items, requests, "/list", "raw-list"),
    ]),
    reading(workloads.fullPullOf(plan.fullPull), plan.fullPull, async (user) => {
      const ms = await timed(client.request(`/read?limit=${plan.fullPull}`, user));
      return { value: (plan.fullPull * 1000) / ms };
    }),
    ...catchUp.among.flatMap((size) => [
      reading(workloads.deltaPullOf(catchUp.changes, size), catchUp.changes, async (user) =>
        times(await inTurn(catchUp.calls, client.request(`/read?limit=${catchUp.changes}`, user))),
      ),
      reading(workloads.socketCatchUpOf(catchUp.changes, size), catchUp.changes, async (user) => {
        const socket = await client.socket("/reading", user);
        const read = () => {
          const told = socket.frames("[", 1);
          socket.sendText(String(catchUp.changes));
          return told;
        };
        await read();
        const operations = await inTurn(catchUp.calls, read);
        socket.close();
        return times(operations);
      }),
    ]),
    plain(workloads.manyUsersOf(manyUsers.users, manyUsers.atOnce), workloads.RAW, async () => {
      const writes = Array.from({ length: manyUsers.users }, (_, index) =>
        client.request("/write", `one-of-many-${index}`, entries.one()),
      );
      const ms = await timed(() => atOnce(writes, manyUsers.atOnce));
      return { value: (manyUsers.users * 1000) / ms };
    }),
    ack("/stored", workloads.RAW),
    ack("/echo", "raw-echo"),
    ...fanOut.devices.flatMap((devices) => [
      fan(devices, "/fan-out", workloads.RAW),
      fan(devices, "/stored-fan-out", RAW_STORED),
    ]),
    ...(memory ? [idling(client, idle, memory)] : []),
  ];
}

function idling(
  client: RawClient,
  { users, socketsEach }: Plan["idle"],
  memory: () => Promise<number>,
): Case {
  return {
    workload: workloads.idleOf(users * socketsEach),
    subject: workloads.RAW,
    open: async () => {
      const open: BenchSocket[] = [];
      return {
        async once() {
          const before = await memory();
          for (let count = 0; count < users; count++) {
            const user = client.user();
            open.push(
              ...(await Promise.all(Array.from({ length: socketsEach }, () => client.socket("/echo", user)))),
            );
          }
          return { value: ((await memory()) - before) / (users * socketsEach) };
        },
        close: async () => close(open),
      };
    },
  };
}

function close(sockets: readonly BenchSocket[]): void {
  for (const socket of sockets) socket.close();
}
