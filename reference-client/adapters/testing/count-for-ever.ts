import { writeSync } from "node:fs";
import { fileStorage } from "../node/storage.ts";
import { count } from "./counting.ts";

/* Counts in the folder that it is given, and tells each number once it is durable, until it is killed. */

const storage = await fileStorage({ folder: process.argv[2]!, compactAbove: 2_000 })("alice");
for (;;) writeSync(1, `${await count(storage)}\n`);
