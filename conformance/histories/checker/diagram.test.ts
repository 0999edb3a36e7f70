import { expect, it } from "vitest";
import { diagram } from "./diagram.ts";
import { judge } from "./judge.ts";
import { became, Made, seen, written } from "./made.ts";
import { told, toldFrame } from "./words.ts";

it("draws who asked what and what came, in the order of the moments", () => {
  const made = new Made();
  const first = written("goal/g", 10, "abcdefg");
  made.push("A1", [first, became("applied", seen(first, 1, 1))]);
  made.pull("A2", "full pull", [], { final: true, head: 1 });
  const [lost] = judge(made.history);
  expect(lost?.message).toBe(
    "push #1 of A1 was acknowledged before full pull #2 of A2 began, yet that did not have goal/g (stamp 00:00:00.010 abcdef), nor anything greater, and nothing ever has it again",
  );
  expect(diagram(lost!.operations)).toEqual([
    "A1   A2       server",
    "│────────────▶│  push #1, request 1",
    "│    │        │    goal/g (stamp 00:00:00.010 abcdef)",
    "│◀────────────│  applied: stored is goal/g (version 1, seq 1, stamp 00:00:00.010 abcdef)",
    "│    │───────▶│  full pull #2",
    "│    │◀───────│  0 rows up to seq 1",
  ]);
});

it("shows what crosses, what was never answered, and what came unasked", () => {
  const made = new Made();
  const write = made.unanswered("A1", written("goal/g", 10));
  write.why = "the answer was lost on its way";
  const pull = made.pull("A1", "delta pull", []);
  pull.began = write.began;
  const socket = made.socket("A2", { type: "GOAL", rows: [], number: 7 });
  const [heading, ...drawn] = diagram([told(write), told(pull), toldFrame(socket, socket.frames[0]!)]);
  expect(heading).toBe("A1   A2 socket 1       server");
  expect(drawn.map((line) => line.split("│").at(-1))).toEqual([
    "  push #1, request 1",
    "    goal/g (stamp 00:00:00.010, deleted)",
    "    no answer: the answer was lost on its way",
    "  delta pull #2",
    "  0 rows",
    "  GOAL numbered 7",
  ]);
});
