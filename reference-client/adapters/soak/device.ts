import { realtime, SyncClient, type Options } from "../../index.ts";

/** What the soak asks of a device; plain JSON, since devices are pages and processes. */
export type Order =
  | { do: "write"; id: string; notes: string }
  | { do: "remove"; id: string }
  | { do: "flush" }
  | { do: "look" };

/** What a device shows. */
export interface Look {
  pending: number;
  dead: string[];
  status: string;
  halted: string | undefined;
  /** Notes by id. */
  entries: Record<string, string>;
}

/** `done`: durable on the device. `refused`: it said that nothing was written, and why. */
export type Outcome = { kind: "done"; look?: Look } | { kind: "refused"; why: string };

const ENTRY = {
  timestamp: "2026-03-01T09:30:00.000Z",
  duration: 30,
  type: "practice",
  instrument: "piano",
};

/** A client that obeys. @param options all but what is the same for every device */
export async function openSoakClient(
  options: Pick<Options, "url" | "user" | "token" | "storage"> & Partial<Options>,
): Promise<(order: Order) => Promise<Outcome>> {
  const client = await SyncClient.open({
    realtime: realtime(),
    // Reconnects soon: there is much to happen in a short time.
    random: { fraction: () => 0.03, unique: () => crypto.randomUUID() },
    ...options,
  });
  const obey = async (order: Exclude<Order, { do: "look" }>): Promise<void> => {
    switch (order.do) {
      case "write":
        if (client.get("logbook_entry", order.id) === undefined)
          await client.create("logbook_entry", { ...ENTRY, id: order.id, notes: order.notes });
        else await client.update("logbook_entry", order.id, { notes: order.notes });
        return;
      case "remove":
        await client.delete("logbook_entry", order.id);
        return;
      case "flush":
        await client.flush();
        return;
    }
  };
  const look = (): Look => ({
    pending: client.pendingCount,
    dead: client.deadLetters().map(({ id, code }) => `${id}: ${code}`),
    status: client.status,
    halted: client.halted?.message,
    entries: Object.fromEntries(client.list("logbook_entry").map(({ id, notes }) => [id, notes ?? ""])),
  });
  return async (order) => {
    try {
      if (order.do === "look") return { kind: "done", look: look() };
      await obey(order);
      return { kind: "done" };
    } catch (error) {
      return { kind: "refused", why: String(error) };
    }
  };
}
