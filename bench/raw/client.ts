import { httpDriver } from "../../conformance/drivers/http.ts";
import { webSocketDriver } from "../../conformance/drivers/websocket.ts";
import { BenchSocket } from "../../conformance/bench/socket.ts";
import type { JsonObject } from "../../schemas/json.ts";

const encoder = new TextEncoder();

/** What a peer of the raw Worker says, over the same drivers as the load on a server. */
export class RawClient {
  readonly #http: ReturnType<typeof httpDriver>;
  readonly #sockets: ReturnType<typeof webSocketDriver>;
  #users = 0;

  constructor(url: string) {
    this.#http = httpDriver({ url, connections: 64 });
    this.#sockets = webSocketDriver({ url });
  }

  /** A name that nobody else has. */
  user(): string {
    return `user-${(this.#users += 1)}`;
  }

  /** A request, ready to be sent. */
  request(path: string, user: string, json?: JsonObject | JsonObject[]): () => Promise<Uint8Array> {
    const body = json === undefined ? undefined : encoder.encode(JSON.stringify(json));
    const target = `${path}${path.includes("?") ? "&" : "?"}user=${user}`;
    const headers = { "content-type": "application/json" };
    return async () => {
      const method = body === undefined ? "GET" : "POST";
      const answer = await this.#http.transport({ method, path: target, headers, ...(body && { body }) });
      if (answer.status !== 200) throw new Error(`the raw Worker answered ${path} with ${answer.status}`);
      return answer.body;
    };
  }

  async socket(path: string, user: string): Promise<BenchSocket> {
    const live = await this.#sockets.dial({ path: `${path}?user=${user}`, headers: {} });
    if ("status" in live) throw new Error(`the raw Worker refused a socket with ${live.status}`);
    return new BenchSocket(live);
  }

  async close(): Promise<void> {
    await this.#sockets.close();
    await this.#http.close();
  }
}
