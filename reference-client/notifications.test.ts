import { expect, it } from "vitest";
import { notify } from "./notifications.ts";
import { newUser, openDevice } from "./testing/device.ts";
import { problem } from "./testing/wire.ts";

it("tells people what their setting asks for", async () => {
  const { client, wire } = await openDevice("http://127.0.0.1:9", newUser(), {
    settings: { autoSync: "never" },
  });
  const told: string[] = [];
  notify(client, ({ importance }) => told.push(importance));
  wire.meddle = async () => problem(422, "UNPROCESSABLE");
  for (const notifications of ["all", "important", "none"] as const) {
    await client.configure({ notifications });
    await client.create("goal", { title: "Scales" });
    await client.flush();
  }
  expect(client.deadLetters()).toHaveLength(3);
  expect(told).toEqual(["important", "important"]);
});
