import { DurableStreamTestServer } from "@durable-streams/server";
import { serving } from "./process.ts";

/* The protocol's reference server, with its storage in files. */
const server = new DurableStreamTestServer({ port: 0, dataDir: process.argv[2]! });
serving(await server.start(), () => server.stop());
