import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anEntry, newUser, openDevice, until } from "./testing/device.ts";
import { startServer, type TestServer } from "./testing/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer("--model");
});
afterAll(() => server.kill());

describe("two devices of a user", () => {
  it("tell each other what they write, by socket", async () => {
    const user = newUser();
    const [phone, laptop] = [await openDevice(server.url, user), await openDevice(server.url, user)];
    await until(() =>
      expect([phone.client.status, laptop.client.status]).toEqual(["connected", "connected"]),
    );
    const entry = await phone.client.create("logbook_entry", anEntry());
    await until(() => expect(laptop.client.get("logbook_entry", entry.id)?.notes).toBe("slow"));
    await laptop.client.update("logbook_entry", entry.id, { notes: "faster" });
    await until(() => expect(phone.client.get("logbook_entry", entry.id)?.notes).toBe("faster"));
    await phone.client.delete("logbook_entry", entry.id);
    await until(() => expect(laptop.client.list("logbook_entry")).toEqual([]));
    await until(() => expect(phone.client.pendingCount + laptop.client.pendingCount).toBe(0));
  });
});
