import { expect, test } from "vitest";
import { until, world } from "./test-world.ts";

test("writes made offline reach another device, and its writes come back", async () => {
  const { subject, open } = world();
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await phone.do("offline");
  const { id } = await phone.create({ title: "Scales" });
  await phone.entry({ id: "e1", notes: "slow" });
  expect(await phone.list()).toEqual([{ id, title: "Scales" }]);
  expect(await phone.pending()).toBe(2);
  const laptop = await open(host, "laptop", { realtime: false });
  await phone.do("online");
  await until("the phone has sent everything", async () => (await phone.pending()) === 0);
  await laptop.do("pull");
  expect(await laptop.list()).toEqual([{ id, title: "Scales" }]);
  await laptop.update(id, { title: "Scales in thirds" });
  await laptop.do("flush");
  await until("the phone is told", async () => (await phone.list())[0]?.["title"] === "Scales in thirds");
  await phone.delete(id);
  await until("the laptop polls", async () => (await laptop.list()).length === 0);
  expect(await phone.status()).toBe("connected");
  await host.end();
});
