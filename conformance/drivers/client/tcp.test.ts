import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";
import { ADAPTER_PROTOCOL, REQUIRED_VERBS } from "../../../schemas/adapter-verbs.ts";
import { UsageError } from "../../run/select.ts";
import { NotApplicable } from "../../verdict.ts";
import { tcpSubject } from "./tcp.ts";
import { Trial } from "./trial.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const inUrl = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** An adapter behind a port; tells how many connections it has. */
async function served(
  answer: (verb: string, params: Record<string, unknown>) => object,
  host = "127.0.0.1",
): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    createInterface({ input: socket }).on("line", (line) => {
      const { id, verb, params } = JSON.parse(line) as { id: number; verb: string; params: object };
      socket.write(`${JSON.stringify({ id, ok: true, result: answer(verb, { ...params }) })}\n`);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return `tcp://${inUrl(host)}:${(server.address() as AddressInfo).port}`;
}

const capabilities = { protocol: ADAPTER_PROTOCOL, name: "phone", verbs: REQUIRED_VERBS };
const opening = {
  client: "a",
  url: "http://127.0.0.1:1",
  user: "u",
  token: "t",
  storage: "/s",
  realtime: false,
  secondMs: 50,
};

it("each launch is a connection, and nothing can be killed", async () => {
  const url = await served((verb) => (verb === "capabilities" ? capabilities : {}));
  const subject = await tcpSubject({ url, answerTimeoutMs: 5_000 });
  expect(subject).toMatchObject({ description: url, capabilities: { name: "phone" } });
  expect(subject.newStorage()).not.toBe(subject.newStorage());
  await expect.poll(() => sockets.size).toBe(0);
  const [one, other] = [await subject.launch(), await subject.launch()];
  await one.ask("open", opening);
  await other.ask("open", opening);
  expect(sockets.size).toBe(2);
  await expect(subject.launch({ alone: true })).rejects.toBeInstanceOf(NotApplicable);
  await expect(one.kill()).rejects.toBeInstanceOf(NotApplicable);
  await one.end();
  await expect.poll(() => sockets.size).toBe(1);
  for (const socket of sockets) socket.destroy();
  await expect(other.ask("status", { client: "a" })).rejects.toThrow(
    /the adapter ended \(the connection was closed\): tcp/,
  );
  await subject.close!();
});

/** Addresses of this machine; those of one link alone can't stand in a URL. */
const addresses = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .map(({ address }) => address)
  .filter((address) => !address.startsWith("fe80:"));

it.each(addresses)("clients that are reached at %s reach the simulator there, too", async (address) => {
  const urls: unknown[] = [];
  const url = await served((verb, params) => {
    if (verb === "open") urls.push(params["url"]);
    return verb === "capabilities" ? capabilities : {};
  }, address);
  const subject = await tcpSubject({ url, answerTimeoutMs: 5_000 });
  const trial = new Trial(subject);
  await trial.open();
  const [told] = urls as string[];
  expect(new URL(told!).hostname).toBe(inUrl(address));
  expect((await fetch(`${told}/health`)).status).toBe(200);
  await trial.end();
  await subject.close!();
});

it("says that nobody listens, or that who does is no adapter", async () => {
  const url = await served(() => ({}));
  await expect(tcpSubject({ url, answerTimeoutMs: 5_000 })).rejects.toThrow(/must have the member protocol/);
  servers.splice(0).forEach((server) => server.close());
  const nobody = tcpSubject({ url, answerTimeoutMs: 5_000 });
  await expect(nobody).rejects.toThrow(/no adapter at tcp:.*: connection refused: nothing listens there/);
  await expect(nobody).rejects.toBeInstanceOf(UsageError);
});
