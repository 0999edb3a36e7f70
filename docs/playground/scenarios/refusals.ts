import { DEVICES } from "../world/trace.ts";
import { add, edit, cut, mend, shown, allHave, nothingWaits, said, FIRST, type Scenario } from "./story.ts";

/** The server says no, or is not what it was. */
export const REFUSALS: readonly Scenario[] = [
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
];
