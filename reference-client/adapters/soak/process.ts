import { createInterface } from "node:readline";
import { nodeSocket } from "../node/socket.ts";
import { fileStorage } from "../node/storage.ts";
import { realtime } from "../../index.ts";
import { openSoakClient, type Order } from "./device.ts";

/* A client in a process of its own: orders come in as lines of JSON, outcomes go out. */

const [, , url, user, token, folder] = process.argv as [string, string, string, string, string, string];
const obey = await openSoakClient({
  url,
  user,
  token: () => token,
  storage: fileStorage({ folder, compactAbove: 4_000 }),
  realtime: realtime({ openSocket: nodeSocket }),
});
process.stdout.write("open\n");
for await (const line of createInterface({ input: process.stdin })) {
  const { id, order } = JSON.parse(line) as { id: number; order: Order };
  void obey(order).then((outcome) => process.stdout.write(`${JSON.stringify({ id, outcome })}\n`));
}
process.exit();
