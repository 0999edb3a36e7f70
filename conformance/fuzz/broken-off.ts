import { connect as plain } from "node:net";
import { connect as secure } from "node:tls";
import type { Device } from "../wire/device.ts";
import type { Fault } from "./faults.ts";

/** Requests that end before they are whole, by how their bodies are framed (RFC 9112). */
const BROKEN: Record<string, (body: string) => [header: string, sent: string]> = {
  "less than Content-Length says": (body) => [`Content-Length: ${body.length + 10}`, body],
  "half a body": (body) => [`Content-Length: ${body.length}`, body.slice(0, body.length / 2)],
  "no body": (body) => [`Content-Length: ${body.length}`, ""],
  "no last chunk": (body) => [CHUNKED, `${body.length.toString(16)}\r\n${body}\r\n`],
  "half a chunk": (body) => [CHUNKED, `${(body.length + 5).toString(16)}\r\n${body}`],
  "a chunk without a size": (body) => [CHUNKED, `zz\r\n${body}\r\n0\r\n\r\n`],
};
const CHUNKED = "Transfer-Encoding: chunked";
const PREFIX = "broken-off-";

/**
 * Sends each over a connection of its own, which this side then ends: the server has to end it, too, within the time, and nothing of
 * it may be stored. A status from 500 counts where it comes as a problem, so from the server itself and not from what reads HTTP for it.
 */
export async function playBrokenOff(
  device: Device,
  { url, now, timeoutMs }: { url: string; now: number; timeoutMs: number },
): Promise<{ sent: number; faults: Fault<string>[] }> {
  const faults: Fault<string>[] = [];
  const kinds = Object.entries(BROKEN);
  await Promise.all(
    kinds.map(async ([kind, frame], index) => {
      const goal = { id: `${PREFIX}${index}`, title: kind, updatedAt: new Date(now - 60_000).toISOString() };
      const [header, sent] = frame(JSON.stringify({ changes: { goals: [goal] } }));
      const headers = Object.entries(device.headers).map(([name, value]) => `${name}: ${value}`);
      const lines = [`Host: ${new URL(url).host}`, "Content-Type: application/json", header, ...headers];
      const path = `${new URL(url).pathname.replace(/\/$/, "")}/api/sync/push`;
      const answer = await exchangeRaw(
        url,
        `POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${sent}`,
        timeoutMs,
      );
      const [status = ""] = answer?.split("\r\n") ?? [];
      const own = /^HTTP\/1\.\d 5\d\d/.test(status) && answer!.includes("application/problem+json");
      if (answer !== undefined && !own) return;
      faults.push({
        property: "answered",
        message: `a push that breaks off (${kind}) ${own ? `was answered with ${status}` : "was neither answered nor its connection ended"}`,
        expected: "a status below 500, or the end of the connection",
        actual: answer ?? `neither within ${timeoutMs} ms`,
        inputs: [kind],
      });
    }),
  );
  const stored = (await device.pullAll()).final.filter(({ entityId }) => entityId.startsWith(PREFIX));
  if (stored.length > 0)
    faults.push({
      property: "no-effect",
      message: "a push that broke off was applied",
      expected: "nothing of it",
      actual: stored,
      inputs: stored.map(({ entityId }) => kinds[Number(entityId.slice(PREFIX.length))]![0]),
    });
  return { sent: kinds.length, faults };
}

/** What came until the other side ended the connection; undefined: it did not in this time. */
function exchangeRaw(url: string, text: string, timeoutMs: number): Promise<string | undefined> {
  const { protocol, hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let came = "";
    const onOpen = (): void => void socket.end(text);
    const socket =
      protocol === "https:"
        ? secure({ host: hostname, port: Number(port || 443), servername: hostname }, onOpen)
        : plain(Number(port || 80), hostname, onOpen);
    const timer = setTimeout(() => {
      resolve(undefined);
      socket.destroy();
    }, timeoutMs);
    socket.on("data", (data: Buffer) => (came += data.toString("latin1")));
    // A reset is an end, too.
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(came);
    });
  });
}
