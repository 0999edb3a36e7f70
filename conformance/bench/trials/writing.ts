import { Entries } from "../entries.ts";
import type { Case } from "../interleave.ts";
import type { BenchServer } from "../server.ts";
import { atOnce, timed } from "../timing.ts";
import { manyUsersOf, pushOf } from "../workloads.ts";
import type { Plan } from "../plan.ts";
import type { Named } from "./named.ts";

export function pushing(
  { server, subject, seed }: Named<BenchServer>,
  items: number,
  requests: number,
): Case {
  return {
    workload: pushOf(items),
    subject,
    open: async () => {
      const entries = new Entries(seed, `push-${items}`);
      return {
        async once() {
          const user = await server.user();
          const size = Math.min(items, server.limits.maxItems);
          // The user's object comes into being, and the statements are prepared.
          await user.push(entries.some(size))();
          const pushes = Array.from({ length: requests }, () => user.push(entries.some(size)));
          const ms = await timed(async () => {
            for (const push of pushes) await push();
          });
          return { value: (requests * size * 1000) / ms };
        },
        close: async () => {},
      };
    },
  };
}

/** Each user has pushed before: what is measured is many objects at work, not their first moment. */
export function manyUsers({ server, subject, seed }: Named<BenchServer>, plan: Plan["manyUsers"]): Case {
  return {
    workload: manyUsersOf(plan.users, plan.atOnce),
    subject,
    open: async () => {
      const entries = new Entries(seed, "many");
      const users = await Promise.all(Array.from({ length: plan.users }, () => server.user()));
      return {
        async once() {
          const pushes = users.map((user) => user.push(entries.some(1)));
          const ms = await timed(() => atOnce(pushes, plan.atOnce));
          return { value: (users.length * 1000) / ms };
        },
        close: async () => {},
      };
    },
  };
}
