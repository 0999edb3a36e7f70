import { expect, it } from "vitest";
import { type Action, decode, encode, FAULTS, type FaultName } from "./world/actions.ts";
import { NETWORKS } from "./world/link.ts";
import { seeded } from "./world/seeded.ts";
import { DEVICES } from "./world/trace.ts";
import { World } from "./world/world.ts";

const MINUTE = 60_000;

/** What a reader may do now, drawn at random. */
function anything(world: World, random: () => number): Action {
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  const device = one(DEVICES);
  const ids = [...(world.stored?.rows.values() ?? [])].map(({ entityId }) => entityId);
  const id = one([...ids, "phone-3"]);
  const text = `Text ${Math.floor(random() * 1_000)}`;
  return one<Action>([
    { do: "add", device, kind: "entry", text, minutes: 10 },
    { do: "add", device, kind: one(["entry", "goal"]), text, minutes: 20 },
    { do: "edit", device, id, text, minutes: 30 },
    { do: "edit", device, id, text, minutes: 40 },
    { do: "delete", device, id },
    { do: "network", device, network: one(NETWORKS) },
    { do: "fault", device, fault: one(Object.keys(FAULTS) as FaultName[]) },
    { do: "clock", device, ahead: one([0, 120_000, 3_600_000, -86_400_000]) },
    { do: one(["kill", "open", "expire", "sign-in"]), device },
    { do: one(["restart", "backup", "restore"]) },
  ]);
}

/** Everything is well again, and nothing else happens for a while. */
async function mend(world: World): Promise<void> {
  for (const device of DEVICES)
    await world.act(
      { do: "open", device },
      { do: "network", device, network: "fast" },
      { do: "clock", device, ahead: 0 },
      { do: "sign-in", device },
    );
  await world.runTo(world.time.now + 3 * MINUTE);
}

const shown = (world: World, device: (typeof DEVICES)[number]): string[] => {
  const { client } = world.devices[device].app!;
  const entries = client.list("logbook_entry").map(({ id, notes, duration }) => `${id} ${notes} ${duration}`);
  return [...entries, ...client.list("goal").map(({ id, title }) => `${id} ${title}`)].sort();
};

it.each(Array.from({ length: 30 }, (_, at) => at + 1))(
  "whatever a reader does, all agree once it is mended: seed %i",
  async (seed) => {
    const random = seeded(seed);
    const world = await World.begin();
    for (let n = 0; n < 25; n += 1) {
      await world.act(anything(world, random));
      await world.runTo(world.time.now + Math.floor(random() * 4_000));
    }
    await mend(world);
    const stored = [...world.stored!.rows.values()].flatMap(({ item, entityId }) =>
      item
        ? [
            [entityId, item["notes"] ?? item["title"], item["duration"]]
              .filter((part) => part !== undefined)
              .join(" "),
          ]
        : [],
    );
    const told = `seed ${seed}, #${encode(world.recording())}`;
    expect(shown(world, "phone"), told).toEqual(stored.sort());
    expect(shown(world, "laptop"), told).toEqual(stored);
    for (const device of DEVICES) expect(world.devices[device].app!.client.pendingCount, told).toBe(0);

    const again = await World.of(decode(encode(world.recording()))!);
    expect(JSON.stringify(again.trace.moments)).toBe(JSON.stringify(world.trace.moments));
    world.close();
    again.close();
  },
);
