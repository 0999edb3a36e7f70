import { add, edit, cut, mend, allHave, nothingWaits, said, FIRST, type Scenario } from "./story.ts";

/** Two devices write the same: which write wins, and why. */
export const WINNERS: readonly Scenario[] = [
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
];
