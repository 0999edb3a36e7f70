import worker, { UserObject as Plain } from "../../reference-server/worker.ts";
import type { Env } from "../../reference-server/env.ts";
import { nothing } from "./counts.ts";

/*
 * The reference server as it is deployed, with something that counts between it and the platform. Everything runs in one process, so what the
 * Worker and all objects do is counted together.
 */

let counts = nothing();

/** Where the counts are asked for, and begin at zero again. Never deployed. */
const COUNTS = "/counts";

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === COUNTS) {
      const told = counts;
      counts = nothing();
      return Response.json(told);
    }
    counts.workerRequests += 1;
    return worker.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;

export class UserObject extends Plain {
  constructor(state: DurableObjectState, env: Env) {
    countStorage(state.storage);
    super(state, { ...env, DB: countedD1(env.DB) });
    counts.objectStarts += 1;
  }

  override handle(...request: Parameters<Plain["handle"]>): Promise<Response> {
    counts.objectRequests += 1;
    return super.handle(...request);
  }

  override fetch(request: Request): Promise<Response> {
    counts.objectRequests += 1;
    return super.fetch(request);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    counts.messagesIn += 1;
    return super.webSocketMessage(socket, data);
  }

  override alarm(): Promise<void> {
    counts.alarms += 1;
    return super.alarm();
  }
}

/** The object's own storage: each of these is a row to the bill. */
function countStorage(storage: DurableObjectStorage): void {
  const [put, get, setAlarm, getAlarm] = [storage.put, storage.get, storage.setAlarm, storage.getAlarm];
  const counting = <A extends unknown[], R>(
    call: (...given: A) => R,
    count: "objectRowsRead" | "objectRowsWritten",
  ) =>
    function counted(...given: A): R {
      counts[count] += 1;
      return call.apply(storage, given);
    };
  Object.assign(storage, {
    put: counting(put as (...given: unknown[]) => unknown, "objectRowsWritten"),
    get: counting(get as (...given: unknown[]) => unknown, "objectRowsRead"),
    setAlarm: counting(setAlarm, "objectRowsWritten"),
    getAlarm: counting(getAlarm, "objectRowsRead"),
  });
}

/** By what D1 itself says of each statement. The server calls `batch` alone. */
function countedD1(db: D1Database): D1Database {
  const counted: Pick<D1Database, "prepare" | "batch"> = {
    prepare: (sql) => db.prepare(sql),
    async batch<T>(statements: D1PreparedStatement[]) {
      counts.d1Calls += 1;
      counts.d1Statements += statements.length;
      const results = await db.batch<T>(statements);
      for (const { meta } of results) {
        counts.d1RowsRead += meta.rows_read;
        counts.d1RowsWritten += meta.rows_written;
        counts.d1Bytes = meta.size_after;
      }
      return results;
    },
  };
  return counted as D1Database;
}
