import { Entries } from "../entries.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Case } from "../interleave.ts";
import type { BenchServer, BenchUser } from "../server.ts";
import type { BenchSocket } from "../socket.ts";
import { median } from "../statistics.ts";
import { inTurn, timed } from "../timing.ts";
import { ACK, fanOutTo, idleOf } from "../workloads.ts";
import type { Plan } from "../plan.ts";
import type { Named } from "./named.ts";

const WARM_UP_MESSAGES = 10;

export function acknowledging({ server, subject, seed }: Named<BenchServer>, acks: number): Case {
  return {
    workload: ACK,
    subject,
    open: async () => {
      const entries = new Entries(seed, "ack");
      return {
        async once() {
          const user = await server.user();
          const socket = await user.socket();
          await inTurn(WARM_UP_MESSAGES, () => acknowledged(user, socket, entries.one()));
          const all = entries.some(acks);
          const operations = await inTurn(acks, (index) => acknowledged(user, socket, all[index]!));
          socket.close();
          return { value: median(operations), operations };
        },
        close: async () => {},
      };
    },
  };
}

export function fanOut(
  { server, subject, seed }: Named<BenchServer>,
  devices: number,
  messages: number,
): Case {
  return {
    workload: fanOutTo(devices, messages),
    subject,
    open: async () => {
      const entries = new Entries(seed, `fan-out-${devices}`);
      return {
        async once(repetition) {
          const user = await server.user();
          const sender = await user.socket();
          const listeners = await Promise.all(Array.from({ length: devices }, () => user.socket()));
          await acknowledged(user, sender, entries.one());
          // Each entry has the mark once; so has the event that tells it.
          const mark = `bar-${repetition}-${devices}`;
          const all = entries.some(messages).map((entry) => ({ ...entry, sessionId: mark }));
          user.wrote(all);
          const texts = all.map((entry) => JSON.stringify(created(entry)));
          const ms = await timed(async () => {
            const told = listeners.map((listener) => listener.frames(mark, messages));
            for (const text of texts) sender.sendText(text);
            await Promise.all(told);
          });
          for (const socket of [sender, ...listeners]) socket.close();
          return { value: (devices * messages * 1000) / ms };
        },
        close: async () => {},
      };
    },
  };
}

/** @param memory what the server's process holds, bytes */
export function idling(
  { server, subject }: Named<BenchServer>,
  plan: Plan["idle"],
  memory: () => Promise<number>,
): Case {
  return {
    workload: idleOf(plan.users * plan.socketsEach),
    subject,
    open: async () => {
      const open: BenchSocket[] = [];
      return {
        async once() {
          const before = await memory();
          for (let index = 0; index < plan.users; index++) {
            const user = await server.user();
            open.push(...(await Promise.all(Array.from({ length: plan.socketsEach }, () => user.socket()))));
          }
          return { value: ((await memory()) - before) / (plan.users * plan.socketsEach) };
        },
        close: async () => {
          for (const socket of open) socket.close();
        },
      };
    },
  };
}

async function acknowledged(user: BenchUser, socket: BenchSocket, entry: JsonObject): Promise<void> {
  user.wrote([entry]);
  const message = created(entry);
  socket.send(message);
  await socket.next((frame) => frame["clientChangeId"] === message["clientChangeId"]);
}

function created(entry: JsonObject): JsonObject {
  return { type: "ENTRY_CREATED", clientChangeId: String(entry["id"]), entry };
}
