import { routePartykitRequest, type Connection } from "partyserver";
import { YServer } from "y-partyserver";
import { applyUpdate } from "yjs";

interface Env {
  ACCOUNT: DurableObjectNamespace;
}

/** Appends each update to a table before its sender is answered; y-partyserver's own hook saves the whole document, 2 seconds later. */
export class Account extends YServer {
  static override options = { hibernate: true };

  override async onLoad() {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS updates (id INTEGER PRIMARY KEY, bytes BLOB)");
    for (const { bytes } of sql.exec("SELECT bytes FROM updates ORDER BY id"))
      applyUpdate(this.document, new Uint8Array(bytes as ArrayBuffer));
    this.document.on("update", (update: Uint8Array) => {
      sql.exec("INSERT INTO updates (bytes) VALUES (?)", update);
    });
  }

  /** Echoes: an answer leaves when all is stored that came before the question. */
  override onCustomMessage(connection: Connection, message: string) {
    this.sendCustomMessage(connection, message);
  }
}

export default {
  async fetch(request: Request, env: Env) {
    return (await routePartykitRequest(request, env)) ?? new Response(null, { status: 404 });
  },
};
