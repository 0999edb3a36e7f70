import type { Dial } from "../drivers/socket.ts";
import type { Transport } from "../drivers/transport.ts";
import { modelClientSubject } from "../drivers/client/in-process.ts";
import type { AdapterHost } from "../drivers/client/port.ts";
import { createModel } from "../model/model.ts";
import type { ModelOptions } from "../model/model.ts";
import { peer, SECRET } from "../model/test-peer.ts";
import { seededRandom } from "../run/seeded.ts";
import type { ClientMutant } from "./mutant.ts";

/** A model server, and model clients of Anna's that reach it, with what may stand between them. */
export function world(
  options: {
    server?: Partial<ModelOptions>;
    mutant?: ClientMutant;
    socketMutations?: boolean;
    sendsBatches?: boolean;
    seed?: string;
  } = {},
) {
  const {
    server = {},
    mutant,
    socketMutations = false,
    sendsBatches = false,
    seed = "model client",
  } = options;
  const model = createModel({ secret: SECRET, ...server });
  const random = seededRandom(seed, "world");
  const anna = peer(model, "anna");
  /** Replaced by a test that wants faults. */
  const between: { transport: Transport; dial: Dial } = { transport: model.handle, dial: model.dial };
  const subject = modelClientSubject({
    mutant,
    socketMutations,
    sendsBatches,
    random,
    network: () => ({
      transport: (request, signal) => between.transport(request, signal),
      dial: (request, signal) => between.dial(request, signal),
    }),
  });
  const open = async (
    host: AdapterHost,
    client: string,
    more: { storage?: string; realtime?: boolean; token?: string; user?: string } = {},
  ) => {
    const {
      storage = `of ${client}`,
      realtime = true,
      user = "anna",
      token = peer(model, user).token(),
    } = more;
    await host.ask("open", { client, url: "http://model", user, token, storage, realtime, secondMs: 10 });
    return handle(host, client);
  };
  return { model, anna, random, between, subject, open };
}

/** The verbs of one client. */
export type Client = ReturnType<typeof handle>;

function handle(host: AdapterHost, client: string) {
  return {
    create: (item: object, type = "goal" as const) =>
      host.ask("create", { client, type, item: item as Record<string, never> }),
    entry: (item: object) =>
      host.ask("create", {
        client,
        type: "logbook_entry",
        item: { timestamp: "2026-03-01T09:30:00Z", duration: 30, type: "practice", ...item },
      }),
    update: (id: string, patch: object, type: "goal" | "logbook_entry" = "goal") =>
      host.ask("update", { client, type, id, patch: patch as Record<string, never> }),
    delete: (id: string, type: "goal" | "logbook_entry" = "goal") => host.ask("delete", { client, type, id }),
    list: async (type: "goal" | "logbook_entry" | "repertoire_item" = "goal") =>
      (await host.ask("list", { client, type })).items,
    pending: async () => (await host.ask("pending", { client })).count,
    dead: async () => (await host.ask("dead-letters", { client })).items,
    status: async () => (await host.ask("status", { client })).status,
    report: () => host.ask("report", { client }),
    do: (verb: "flush" | "pull" | "connect" | "offline" | "online" | "sign-out" | "close") =>
      host.ask(verb, { client }),
    token: (token: string) => host.ask("set-token", { client, token }),
    retry: (id: string) => host.ask("retry", { client, type: "goal", id }),
    discard: (id: string) => host.ask("discard", { client, type: "goal", id }),
  };
}

/** Waits until something is so. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5_000; !(await look());) {
    if (Date.now() > end) throw new Error(`never came about: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
