import express from "express";
import expressPouchDb from "express-pouchdb";
import { EventEmitter, once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import PouchDB from "pouchdb";
import { serving } from "./process.ts";

/* PouchDB's own server, with what replication needs and no more. */

// Each device of an account listens to its database.
EventEmitter.defaultMaxListeners = 0;
const databases = PouchDB.defaults({ prefix: join(process.argv[2]!, "/") });
const app = express();
app.use(expressPouchDb(databases, { mode: "minimumForPouchDB", inMemoryConfig: true }));
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
serving(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, () => {
  server.closeAllConnections();
  server.close();
});
