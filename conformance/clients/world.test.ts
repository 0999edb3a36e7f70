import { expect, test } from "vitest";
import { clientCheck } from "../client-check.ts";
import { clientMutant } from "../model-client/mutant.ts";
import { loseRequest } from "../simulator/faults.ts";
import { runClientCheckAgainst } from "./run-against.ts";

const any = clientMutant({
  name: "any",
  story: "Any.",
  breaks: ["RUN-001"],
  deform: (conforming) => conforming,
});

test("an app has caught up when it did, not when another one of its user did", async () => {
  const check = clientCheck({
    id: "RUN-001/two-devices",
    name: "a check",
    brokenBy: [any],
    secondMs: 10,
    async run({ open, simulator }) {
      const first = await open();
      simulator.fault(({ token }) => !first.tokens.has(String(token)), loseRequest, Infinity);
      await open();
    },
  });
  expect(await runClientCheckAgainst(check)).toMatchObject({
    verdict: "inconclusive",
    message: expect.stringMatching(/^the client that was opened never fetched what the server has/),
  });
});
