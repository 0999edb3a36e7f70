import { expect, test } from "vitest";
import { createModel } from "../model/model.ts";
import { Simulator } from "../simulator/simulator.ts";
import { demandWellFormed } from "./well-formed.ts";

test("a client's bad item is told to those who write clients, without a word to those who write checks", async () => {
  const simulator = new Simulator(createModel({ secret: "s".repeat(32) }));
  const body = Buffer.from(JSON.stringify({ changes: { goals: [{ id: "g1" }] } }));
  await simulator.handle({ method: "POST", path: "/api/sync/push", headers: {}, body });
  expect(() => demandWellFormed(simulator)).toThrow(
    /^the client sent \/api\/sync\/push with \/changes\/goals\/0, which is no goal: [^{}]*title[^{}]*$/,
  );
});
