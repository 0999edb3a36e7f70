import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { idOf, told } from "../reading.ts";
import * as ending from "./realtime-catch-up-end.mutants.ts";
import * as walk from "./realtime-catch-up.mutants.ts";
import { demandEventsWaited, demandNoHole, heldAfter, Log, tinyGoals } from "./realtime-log.ts";

/** Writes of each writer that are under way at once, so that some meet even a short catch-up in its middle. */
const AT_ONCE = 4;
const MOST_ROUNDS = 12;

export const catchUpsAmidTraffic = serverCheck({
  id: "RT-022/catch-ups-amid-traffic",
  name: "connections that catch up while others, and they themselves, write all the time are told no number too great",
  brokenBy: [ending.eventsDoNotWait, walk.frozenAtItsStart, walk.endsTooLate],
  async run(context) {
    const { device, newDevice, expect, anEntry, aGoal, edited } = context;
    const log = new Log();
    const goals: JsonObject[] = tinyGoals(context, 520);
    await log.push(device, { goals }, context);
    const phones = [await newDevice().connect(), await newDevice().connect()];
    const laptop = await newDevice().connect();
    const own = phones.map(() => new Set<string>());
    let running = true;

    const inRounds = async (write: (n: number) => Promise<unknown>): Promise<void> => {
      for (let round = 0; round < MOST_ROUNDS && running; round += 1) {
        await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => write(round * AT_ONCE + n)));
      }
    };
    const byHttp = inRounds(async (n) =>
      log.note(
        await device.push({ entries: [anEntry()], goals: [edited(goals[n]!), edited(goals[519 - n]!)] }),
      ),
    );
    const bySocket = inRounds(async () => log.note(await laptop.write("logbook_entry", anEntry())));
    const catchUps = phones.map(async (phone, index) => {
      const answers = Array.from({ length: AT_ONCE }, () => aGoal());
      for (const goal of answers) own[index]!.add(idOf(goal));
      const [{ frames }, ...acks] = await Promise.all([
        phone.catchUp(),
        ...answers.map((goal) => phone.write("goal", goal)),
      ]);
      for (const ack of acks) log.note(ack);
      return frames;
    });
    const all = Promise.all(catchUps).finally(() => (running = false));
    const [caughtUp] = await Promise.all([all, byHttp, bySocket]);

    for (const [index, phone] of phones.entries()) {
      await phone.fence();
      demandEventsWaited(caughtUp[index]!);
      demandNoHole(phone.frames, log, { own: own[index]! });
      const held = heldAfter(phone.frames).filter(({ entityId }) => !own[index]!.has(entityId));
      expect.equal(`what ${phone.label} holds`, told(held), log.ends(own[index]));
    }
  },
});
