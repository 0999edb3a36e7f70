import { add, cut, mend, allHave, nothingWaits, said, times, FIRST, type Scenario } from "./story.ts";

/** What a network, a tab or a race loses, and how it is made good. */
export const LOSSES: readonly Scenario[] = [
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
];
