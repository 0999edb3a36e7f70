/**
 * What the platform itself can do: the least code that moves the same bytes. No token is looked at, nothing is judged, merged, numbered, told to
 * anybody twice or recorded for a retry.
 */
interface Env {
  DB: D1Database;
  ROOMS: DurableObjectNamespace;
}

interface Item {
  id: string;
}

const INSERT =
  "INSERT INTO items (user_id, entity_type, entity_id, item) VALUES (?1, 'logbook_entry', ?2, ?3)";
const INSERT_LIST = `
  INSERT INTO items (user_id, entity_type, entity_id, item)
  SELECT ?1, 'logbook_entry', item.value ->> 'id', item.value FROM json_each(?2) AS item`;
const READ = "SELECT item FROM items WHERE user_id = ?1 AND entity_type = 'logbook_entry' LIMIT ?2";

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const user = searchParams.get("user") ?? "";
    switch (pathname) {
      case "/hello":
        return new Response("hello");
      case "/table":
        await env.DB.exec(
          "CREATE TABLE items (user_id TEXT NOT NULL, entity_type TEXT NOT NULL, entity_id TEXT NOT NULL, item TEXT NOT NULL, PRIMARY KEY (user_id, entity_type, entity_id)) STRICT",
        );
        return new Response();
      case "/batch": {
        const insert = env.DB.prepare(INSERT);
        const items = await request.json<Item[]>();
        await env.DB.batch(items.map((item) => insert.bind(user, item.id, JSON.stringify(item))));
        return new Response();
      }
      case "/list":
        await env.DB.batch([env.DB.prepare(INSERT_LIST).bind(user, await request.text())]);
        return new Response();
      case "/read": {
        const read = env.DB.prepare(READ).bind(user, Number(searchParams.get("limit")));
        const { results } = await read.all<{ item: string }>();
        return new Response(`[${results.map(({ item }) => item).join(",")}]`);
      }
      default:
        return env.ROOMS.get(env.ROOMS.idFromName(user)).fetch(request);
    }
  },
} satisfies ExportedHandler<Env>;

/** A socket's kind is the path that it was opened at. */
export class Room implements DurableObject {
  readonly #state: DurableObjectState;
  readonly #env: Env;

  constructor(state: DurableObjectState, env: Env) {
    this.#state = state;
    this.#env = env;
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/write") {
      await this.#insert(searchParams.get("user")!, await request.text());
      return new Response();
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.#state.acceptWebSocket(server, [pathname]);
    server.serializeAttachment(searchParams.get("user"));
    return new Response(null, { status: 101, webSocket: client });
  }

  async webSocketMessage(socket: WebSocket, data: string): Promise<void> {
    const [kind] = this.#state.getTags(socket);
    if (kind === "/stored" || kind === "/stored-fan-out")
      await this.#insert(socket.deserializeAttachment() as string, data);
    if (kind === "/fan-out" || kind === "/stored-fan-out") {
      for (const other of this.#state.getWebSockets()) if (other !== socket) other.send(data);
    } else if (kind === "/reading") {
      const read = this.#env.DB.prepare(READ).bind(socket.deserializeAttachment(), Number(data));
      const { results } = await read.all<{ item: string }>();
      socket.send(`[${results.map(({ item }) => item).join(",")}]`);
    } else socket.send(data);
  }

  webSocketClose(socket: WebSocket, code: number): void {
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  async #insert(user: string, text: string): Promise<void> {
    // Each text is new, by the id in it.
    const { id } = JSON.parse(text) as Item;
    await this.#env.DB.prepare(INSERT).bind(user, id, text).run();
  }
}
