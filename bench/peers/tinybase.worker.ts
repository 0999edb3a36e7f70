import { createMergeableStore } from "tinybase";
import { createDurableObjectSqlStoragePersister } from "tinybase/persisters/persister-durable-object-sql-storage";
import {
  getWsServerDurableObjectFetch,
  WsServerDurableObject,
} from "tinybase/synchronizers/synchronizer-ws-server-durable-object";

/** The server that TinyBase's documentation shows, in the mode that it recommends for more data than a row of SQLite takes. */
export class Account extends WsServerDurableObject {
  override createPersister() {
    return createDurableObjectSqlStoragePersister(createMergeableStore(), this.ctx.storage.sql, {
      mode: "fragmented",
    });
  }

  /** By default a second, after which a device that was away would get nothing of a large store. */
  override getRequestTimeoutSeconds() {
    return 60;
  }
}

export default { fetch: getWsServerDurableObjectFetch("ACCOUNTS") };
