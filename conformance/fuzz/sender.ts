import type { ServerContext } from "../check.ts";
import type { Device } from "../wire/device.ts";
import type { Pulled } from "../wire/pulled.ts";
import type { PushBody } from "../wire/shapes.ts";
import { faultOf } from "./faults.ts";
import type { Played, Sent } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import type { Judged } from "./ledger.ts";

/** More faults of one user tell no more, and each may have cost a time-out. */
export const ENOUGH = 4;

/** One user who sends inputs, and what is known of the answers. */
export interface Sender<Input> {
  device: Device;
  ledger: Ledger;
  /** Words that stand in this user's data alone. */
  mark: string;
  before: Pulled;
  sent: Sent<Input>[];
  /** An answer is missing, so that nobody can say what is to be there. */
  unsure: boolean;
}

/** The user's mark is stored before anything is sent. */
export async function enter<Input>(context: ServerContext, device: Device): Promise<Sender<Input>> {
  const before = await device.pullAll();
  const mark = context.unique("mark");
  const sender = { device, ledger: new Ledger(), mark, before, sent: [], unsure: false };
  await write(context, sender);
  return sender;
}

/** A valid write over HTTP, which must be served, with the user's mark in it. @returns its seq */
export async function write(
  context: ServerContext,
  { device, ledger, mark }: Sender<unknown>,
  id = "fuzz-mark",
): Promise<number> {
  const { body } = await device.push({ entries: [context.anEntry({ id, notes: mark })] });
  ledger.add(judgedOf(body));
  return body.results[0]?.meta?.seq ?? 0;
}

/** What is stored in the end is what was answered, unless nobody can say what that was. */
export async function compare<Input>(played: Played<Input>, sender: Sender<Input>): Promise<void> {
  const { device, ledger, before } = sender;
  const changes = await device.changesSince(before.syncToken);
  const after = await device.pullAll();
  if (sender.unsure) return;
  const found = ledger.contradictions({ before, changes, after }).slice(0, ENOUGH);
  played.faults.push(...found.map((one) => faultOf(one, sender.sent)));
}

export function judgedOf({ results }: Pick<PushBody, "results">): Judged[] {
  return results.map(({ outcome, meta }) => ({ outcome, ...(meta ? { meta } : {}) }));
}
