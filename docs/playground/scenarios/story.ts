import type { Action } from "../world/actions.ts";
import { DEVICES, type DeviceName } from "../world/trace.ts";
import type { World } from "../world/world.ts";

/** A story that the page tells, step by step. */
export interface Scenario {
  /** Stands in links. */
  id: string;
  title: string;
  about: string;
  /** What of the specification it shows. */
  requirements: readonly string[];
  steps: readonly Step[];
  /** What has to be so at the end. */
  end: readonly Expectation[];
}

interface Step {
  say: string;
  actions: readonly Action[];
  /** How long it is watched, milliseconds. */
  watch: number;
}

interface Expectation {
  say: string;
  holds: (world: World) => boolean;
}

export const add = (device: DeviceName, text: string, minutes = 30): Action => ({
  do: "add",
  device,
  kind: "entry",
  text,
  minutes,
});
export const edit = (device: DeviceName, id: string, text: string, minutes = 30): Action => ({
  do: "edit",
  device,
  id,
  text,
  minutes,
});
export const cut = (device: DeviceName): Action => ({ do: "network", device, network: "cut" });
export const mend = (device: DeviceName): Action => ({ do: "network", device, network: "fast" });

/** The notes of the entries that a device shows. */
export function shown(world: World, device: DeviceName): string[] {
  const entries = world.devices[device].app?.client.list("logbook_entry") ?? [];
  return entries.map(({ notes }) => notes ?? "").sort();
}

/** Both devices and the server have these entries and no others, and nothing waits. */
export function allHave(...notes: string[]): Expectation {
  const wanted = JSON.stringify(notes.toSorted());
  return {
    say: `Phone, laptop and server have ${notes.length === 0 ? "no entry" : notes.map((text) => `“${text}”`).join(" and ")}, and nothing else`,
    holds: (world) => {
      const stored = [...(world.stored?.rows.values() ?? [])].flatMap(({ item }) =>
        item ? [String(item["notes"])] : [],
      );
      return (
        JSON.stringify(stored.sort()) === wanted &&
        DEVICES.every((device) => JSON.stringify(shown(world, device)) === wanted)
      );
    },
  };
}

export const nothingWaits: Expectation = {
  say: "Nothing waits in an outbox",
  holds: ({ devices }) => DEVICES.every((name) => devices[name].app?.client.pendingCount === 0),
};

export const said = (say: string, words: RegExp): Expectation => ({
  say,
  holds: ({ trace }) => trace.moments.some(({ of }) => words.test(of.kind === "note" ? of.text : of.label)),
});

export const times = (world: World, label: RegExp): number =>
  world.trace.moments.filter(({ of, end }) => !end && of.kind === "message" && label.test(of.label)).length;

/** The first id that the phone gives to what it adds: before it comes its own, drawn twice. */
export const FIRST = "phone-3";
