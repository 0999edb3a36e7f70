import type { Action } from "./world/actions.ts";
import { DEVICES, type DeviceName } from "./world/trace.ts";
import type { World } from "./world/world.ts";

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

const add = (device: DeviceName, text: string, minutes = 30): Action => ({
  do: "add",
  device,
  kind: "entry",
  text,
  minutes,
});
const edit = (device: DeviceName, id: string, text: string, minutes = 30): Action => ({
  do: "edit",
  device,
  id,
  text,
  minutes,
});
const cut = (device: DeviceName): Action => ({ do: "network", device, network: "cut" });
const mend = (device: DeviceName): Action => ({ do: "network", device, network: "fast" });

/** The notes of the entries that a device shows. */
function shown(world: World, device: DeviceName): string[] {
  const entries = world.devices[device].app?.client.list("logbook_entry") ?? [];
  return entries.map(({ notes }) => notes ?? "").sort();
}

/** Both devices and the server have these entries and no others, and nothing waits. */
function allHave(...notes: string[]): Expectation {
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

const nothingWaits: Expectation = {
  say: "Nothing waits in an outbox",
  holds: ({ devices }) => DEVICES.every((name) => devices[name].app?.client.pendingCount === 0),
};

const said = (say: string, words: RegExp): Expectation => ({
  say,
  holds: ({ trace }) => trace.moments.some(({ of }) => words.test(of.kind === "note" ? of.text : of.label)),
});

const times = (world: World, label: RegExp): number =>
  world.trace.moments.filter(({ of, end }) => !end && of.kind === "message" && label.test(of.label)).length;

/** The first id that the phone gives to what it adds: before it comes its own, drawn twice. */
const FIRST = "phone-3";

export const SCENARIOS: readonly Scenario[] = [
  {
    id: "lost-answer",
    title: "A lost answer",
    about:
      "The server has stored a write, and the phone never hears of it. Sent again under the same key, it is stored once.",
    requirements: ["CLI-009", "CLI-018", "CLI-019", "IDEM-002", "IDEM-012"],
    steps: [
      {
        say: "The network is about to lose an answer. On the phone, Clara adds “Scales”: she sees it at once, and it goes into the outbox.",
        actions: [{ do: "fault", device: "phone", fault: "lose-answer push" }, add("phone", "Scales")],
        watch: 700,
      },
      {
        say: "The server stores it and tells the laptop. Its answer is lost, so the phone cannot know: the write stays in the outbox, frozen with its key.",
        actions: [],
        watch: 100,
      },
      {
        say: "The phone sends the very same request again. The server knows the key, repeats its first answer and applies nothing.",
        actions: [],
        watch: 4_000,
      },
    ],
    end: [
      allHave("Scales"),
      nothingWaits,
      said("The second answer was a replay", /Knows the key/),
      {
        say: "The entry has version 1: it was applied once",
        holds: ({ stored }) => stored?.rows.get(`logbook_entry/${FIRST}`)?.version === 1,
      },
    ],
  },
  {
    id: "wrong-clock",
    title: "A clock that is an hour ahead",
    about:
      "The later write is to win, not that of the device whose clock is wrong. The server refuses a stamp from the future, and the phone corrects it.",
    requirements: ["CLI-002", "CLI-003", "CLI-004", "ORD-001", "ORD-014"],
    steps: [
      {
        say: "Clara adds “Étude” on the phone; the laptop shows it.",
        actions: [add("phone", "Étude")],
        watch: 2_000,
      },
      {
        say: "The phone’s clock jumps an hour ahead. An edit there gets a stamp from the future.",
        actions: [{ do: "clock", device: "phone", ahead: 3_600_000 }, edit("phone", FIRST, "Étude, slowly")],
        watch: 500,
      },
      {
        say: "The server refuses the stamp and tells its own time. The phone learns how wrong it is, stamps the edit again, and sends it under a new key.",
        actions: [],
        watch: 3_500,
      },
      {
        say: "Later, the laptop edits it, too. Its stamp is greater, and it wins: no hour of waiting, no lost edit.",
        actions: [edit("laptop", FIRST, "Étude, by heart")],
        watch: 2_500,
      },
    ],
    end: [
      allHave("Étude, by heart"),
      nothingWaits,
      said("The stamp from the future was refused", /CLOCK_SKEW/),
    ],
  },
  {
    id: "both-offline",
    title: "Both devices offline",
    about:
      "Both edit the same entry without a network. Whatever the order in which they come back, the later edit wins on both.",
    requirements: ["CLI-015", "CLI-022", "CLI-024", "ORD-001", "ORD-008", "ORD-019"],
    steps: [
      {
        say: "Clara adds “Sonata” on the phone, and both devices have it.",
        actions: [add("phone", "Sonata")],
        watch: 2_000,
      },
      {
        say: "Both networks are cut. On the phone she edits the entry …",
        actions: [cut("phone"), cut("laptop"), edit("phone", FIRST, "Sonata, first movement")],
        watch: 900,
      },
      {
        say: "… and a moment later the laptop edits it otherwise, and adds another. Each shows its own: edits lie over what the server confirmed.",
        actions: [edit("laptop", FIRST, "Sonata, second movement"), add("laptop", "Sight-reading", 10)],
        watch: 900,
      },
      { say: "The laptop is back first: its edit is stored.", actions: [mend("laptop")], watch: 3_500 },
      {
        say: "The phone comes back, and its edit is older. The server judges it superseded and tells what won; the phone shows that.",
        actions: [mend("phone")],
        watch: 4_500,
      },
    ],
    end: [
      allHave("Sonata, second movement", "Sight-reading"),
      nothingWaits,
      said("The older edit lost, and the phone was told", /loses against/),
    ],
  },
  {
    id: "delete-and-edit",
    title: "A deletion against an edit",
    about:
      "One device deletes what the other edits. The later of the two wins, and an older edit that arrives late does not bring the entry back.",
    requirements: ["CLI-020", "ORD-001", "ORD-004", "ORD-007", "PULL-002"],
    steps: [
      {
        say: "Clara adds “Arpeggios” on the phone, and both devices have it.",
        actions: [add("phone", "Arpeggios")],
        watch: 2_000,
      },
      {
        say: "The laptop loses its network, and edits the entry.",
        actions: [cut("laptop"), edit("laptop", FIRST, "Arpeggios in thirds")],
        watch: 1_500,
      },
      {
        say: "A little later the phone deletes it. The server keeps the deletion’s stamp.",
        actions: [{ do: "delete", device: "phone", id: FIRST }],
        watch: 2_000,
      },
      {
        say: "The laptop is back with an edit older than the deletion. It loses: nothing is resurrected.",
        actions: [mend("laptop")],
        watch: 4_000,
      },
    ],
    end: [
      allHave(),
      nothingWaits,
      {
        say: "The server still knows the stamp of the deletion",
        holds: ({ stored }) => stored?.rows.get(`logbook_entry/${FIRST}`)?.item === null,
      },
    ],
  },
  {
    id: "killed-tab",
    title: "A tab killed in the middle",
    about:
      "The app dies after sending and before the answer. What was written is on the device, and what may have arrived is sent again unchanged.",
    requirements: ["CLI-009", "CLI-015", "CLI-019", "CLI-021", "IDEM-012"],
    steps: [
      {
        say: "Clara adds “Concerto” on the phone. Its push is on the way …",
        actions: [add("phone", "Concerto", 45)],
        watch: 250,
      },
      {
        say: "… when the tab is killed. The server takes the push, and nobody hears the answer.",
        actions: [{ do: "kill", device: "phone" }],
        watch: 2_500,
      },
      {
        say: "She opens the app again: the entry is there, and so is the frozen request. It goes out with the same key.",
        actions: [{ do: "open", device: "phone" }],
        watch: 4_500,
      },
    ],
    end: [allHave("Concerto"), nothingWaits, said("The server knew the key", /Knows the key/)],
  },
  {
    id: "token-ends",
    title: "A token ends",
    about:
      "The server closes the socket. Writes wait on the device until somebody signs in, and none is lost or refused for good.",
    requirements: ["AUTH-004", "AUTH-019", "CLI-030", "CLI-035"],
    steps: [
      {
        say: "The phone’s token ends, and the sign-in gives no other. The server closes the socket with 4401.",
        actions: [{ do: "expire", device: "phone" }],
        watch: 1_500,
      },
      {
        say: "Clara writes all the same: it is stored on the phone, and waits.",
        actions: [add("phone", "Improvisation", 20)],
        watch: 1_500,
      },
      {
        say: "She signs in. With the new token the phone sends what waited, and catches up.",
        actions: [{ do: "sign-in", device: "phone" }],
        watch: 4_500,
      },
    ],
    end: [
      allHave("Improvisation"),
      nothingWaits,
      said("The socket was closed with 4401", /closed, 4401/),
      {
        say: "There is no dead letter",
        holds: ({ devices }) => devices.phone.app?.client.deadLetters().length === 0,
      },
    ],
  },
  {
    id: "restore",
    title: "An older database is restored",
    about:
      "The server comes back with the data of yesterday. Cursors of the future are no good any more; devices take what is there, and keep what they have not sent.",
    requirements: ["CLI-012", "CLI-014", "CLI-050", "PULL-008", "PULL-019", "RT-030"],
    steps: [
      { say: "“Monday” is stored, and a backup is made.", actions: [add("laptop", "Monday")], watch: 2_000 },
      {
        say: "The backup is at seq 1. Then the laptop adds “Tuesday”.",
        actions: [{ do: "backup" }, add("laptop", "Tuesday")],
        watch: 2_500,
      },
      {
        say: "The phone loses its network, and Clara adds “Wednesday” there.",
        actions: [cut("phone"), add("phone", "Wednesday")],
        watch: 1_000,
      },
      {
        say: "The database fails, and the backup is restored under a new epoch. The laptop’s cursor is refused, and it pulls everything.",
        actions: [{ do: "restore" }],
        watch: 5_000,
      },
      {
        say: "The phone is back. It finds the new epoch, too, drops what it had confirmed, and sends what it had not.",
        actions: [mend("phone")],
        watch: 6_000,
      },
    ],
    end: [
      allHave("Monday", "Wednesday"),
      nothingWaits,
      said("A cursor of the earlier epoch was refused", /CURSOR_EXPIRED/),
      {
        say: "“Tuesday” is gone everywhere, as it is from the backup: no device brings half of it back",
        holds: (world) => DEVICES.every((name) => !shown(world, name).includes("Tuesday")),
      },
    ],
  },
  {
    id: "catch-up-race",
    title: "A live event during catch-up",
    about:
      "Something is written while a device is still catching up. Live events wait for the end of the catch-up, so that the cursor never skips anything.",
    requirements: ["CLI-037", "CLI-038", "RT-022", "RT-026", "RT-029"],
    steps: [
      {
        say: "The laptop is without network while the phone adds “One”.",
        actions: [cut("laptop"), add("phone", "One")],
        watch: 2_000,
      },
      {
        say: "The laptop comes back on a slow network, connects, and asks for what it missed.",
        actions: [{ do: "network", device: "laptop", network: "slow" }],
        watch: 7_500,
      },
      {
        say: "Before that question arrives, the phone adds “Two”, and while the answer is under way, “Three”.",
        actions: [add("phone", "Two")],
        watch: 1_500,
      },
      {
        say: "“Three” is told after the catch-up that it came too late for, and moves the cursor on.",
        actions: [add("phone", "Three")],
        watch: 9_000,
      },
      {
        say: "The laptop has everything, each once, in the order of the log.",
        actions: [mend("laptop")],
        watch: 1_500,
      },
    ],
    end: [
      allHave("One", "Two", "Three"),
      nothingWaits,
      {
        say: "The laptop’s cursor is at the head of the log",
        holds: ({ devices, stored }) =>
          stored?.head === 3 && devices.laptop.app?.client.status === "connected",
      },
    ],
  },
  {
    id: "refusal",
    title: "An item that the server never takes",
    about:
      "A refusal is no reason to try for ever, nor to hold up anything else. It becomes a dead letter: visible, mendable, never dropped.",
    requirements: ["CLI-024", "CLI-029", "CLI-030", "PUSH-002"],
    steps: [
      {
        say: "A slip of the finger: −5 minutes. Clara sees her entry, the server refuses it, and it becomes a dead letter.",
        actions: [add("phone", "Cadenza", -5)],
        watch: 2_000,
      },
      {
        say: "Others are not in its way: the next entry goes through.",
        actions: [add("phone", "Warm-up", 10)],
        watch: 2_000,
      },
      {
        say: "She mends the minutes. The newer edit takes the dead letter’s place, and is stored.",
        actions: [edit("phone", FIRST, "Cadenza", 5)],
        watch: 2_500,
      },
    ],
    end: [
      allHave("Cadenza", "Warm-up"),
      nothingWaits,
      said("The first was refused", /Refuses the write/),
      {
        say: "The dead letter is gone",
        holds: ({ devices }) => devices.phone.app?.client.deadLetters().length === 0,
      },
    ],
  },
  {
    id: "silent-network",
    title: "A network that swallows everything",
    about: "No error, no close: messages just vanish. A heartbeat notices, and the device connects anew.",
    requirements: ["CLI-032", "CLI-036", "CLI-037", "CLI-040"],
    steps: [
      {
        say: "From now on the laptop’s network swallows everything, and nobody is told.",
        actions: [{ do: "network", device: "laptop", network: "silent" }],
        watch: 500,
      },
      {
        say: "The phone adds “Études”. The server tells the laptop’s socket, which nobody reads.",
        actions: [add("phone", "Études")],
        watch: 2_000,
      },
      {
        say: "Half a minute of silence: the laptop sends PING. Nothing comes back within ten seconds, so it gives the socket up.",
        actions: [],
        watch: 42_000,
      },
      {
        say: "The network is well again. The laptop connects at its next attempt, catches up, and has “Études”.",
        actions: [mend("laptop")],
        watch: 40_000,
      },
    ],
    end: [
      allHave("Études"),
      nothingWaits,
      {
        say: "The laptop connected anew",
        holds: (world) =>
          world.devices.laptop.app?.client.status === "connected" && times(world, /^connect$/) > 2,
      },
    ],
  },
];

export function scenarioOf(id: string | undefined): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.id === id);
}
