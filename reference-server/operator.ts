import type { UserObject } from "./adapters/durable-object.ts";
import { ARM_FAULT } from "./adapters/fault-injection.ts";
import type { Migration } from "./assets.ts";
import type { Env } from "./env.ts";

/** What the process that started workerd asks of the server's insides. */
export type Order =
  | { verb: "migrate"; migrations: readonly Migration[] }
  | { verb: "advance-clock"; ms: number }
  | { verb: "fail-next-write" }
  | { verb: "close-sockets" };

/**
 * A Worker of its own beside the server, never deployed, with the server's bindings: what can't be done through the protocol. Takes
 * an {@link Order} as the body of a request.
 */
export default {
  async fetch(request, env) {
    await obey(await request.json<Order>(), env);
    return new Response();
  },
} satisfies ExportedHandler<Pick<Env, "DB" | "USERS">>;

async function obey(order: Order, { DB, USERS }: Pick<Env, "DB" | "USERS">): Promise<void> {
  if (order.verb === "migrate") return migrate(DB, order.migrations);
  if (order.verb === "fail-next-write") return void (await DB.prepare(ARM_FAULT).run());
  const anybody: Pick<UserObject, "advanceClock" | "closeSockets"> = USERS.get(USERS.newUniqueId());
  return order.verb === "close-sockets" ? anybody.closeSockets() : anybody.advanceClock(order.ms);
}

/** Applies what has not been applied yet, in wrangler's own table, so that either can continue the other's work. */
async function migrate(db: D1Database, migrations: readonly Migration[]): Promise<void> {
  await db
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    )
    .run();
  const { results } = await db.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const applied = new Set(results.map((row) => row.name));
  for (const { name, statements } of migrations) {
    if (applied.has(name)) continue;
    await db.batch([
      ...statements.map((statement) => db.prepare(statement)),
      db.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
}
