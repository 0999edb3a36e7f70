import { seededRandom } from "../run/seeded.ts";
import { USERS, DEVICES, GROUPS, HOT, Dice, times } from "./dice.ts";
import type { Scene } from "./dice.ts";
import { REALTIME } from "./scenes-realtime.ts";
import { longLife, tokenEnd, upsets, HTTP } from "./scenes.ts";
import type { Schedule, Step, Upset } from "./schedule.ts";

/** Kinds of histories: on HTTP alone, on both channels, or on both while the server is upset. */
export interface Kind {
  profile: Schedule["profile"];
  upset?: Upset;
}

function scenesOf({ profile, upset }: Required<Kind>): Scene[] {
  if (upset === "token-end") return [tokenEnd];
  // What ends the server takes its time, and is worth one wait; the rest comes again and again.
  return times([[upsets(upset, profile), upset === "kill" || upset === "restart" ? 1 : 5]]);
}

/** How likely each other scene is in a history about what befalls the server. */
const BESIDE_UPSETS = 0.3;

/** A history to play: the same for the same seed. Every kind of situation that its profile needs is in it. */
export function plan(seed: string, { profile, upset }: Kind): Schedule {
  const dice = new Dice(seededRandom(seed, `history ${profile} ${upset ?? ""}`));
  const groups: Step[][] = Array.from({ length: GROUPS }, () => []);
  const place = (parts: Step[][]): void => {
    const at = new Set<number>();
    while (at.size < Math.min(parts.length, GROUPS)) at.add(dice.below(GROUPS));
    const places = [...at].toSorted((a, b) => a - b);
    parts.forEach((steps, index) => groups[places[index]!]!.push(...steps));
  };
  // Beside a socket that is to live as long as its token nobody cuts any.
  const scenes = profile === "http" || upset === "token-end" ? HTTP : REALTIME;
  const chosen = upset
    ? scenes.filter(() => dice.chance(BESIDE_UPSETS)).concat(scenesOf({ profile, upset }))
    : scenes;
  // The users have their turns by chance, but each kind of thing befalls one at least.
  for (const scene of chosen) {
    const user = dice.below(USERS);
    place(scene(dice, () => [user, dice.below(DEVICES)]));
  }
  const favourite = dice.pick(HOT);
  for (let user = 0; user < USERS && profile === "http" && !upset; user += 1)
    place(longLife(favourite)(dice, () => [user, dice.below(DEVICES)]));
  if (profile === "realtime") {
    const first: Step[] = [];
    for (let user = 0; user < USERS; user += 1)
      for (let device = 0; device < DEVICES; device += 1)
        if (device > 0 || upset || dice.chance(0.5))
          first.push({ do: "connect", by: [user, device], from: "start" });
    groups.unshift(first);
  }
  return { format: "mirubato-sync schedule 1", profile, users: USERS, devices: DEVICES, groups };
}
