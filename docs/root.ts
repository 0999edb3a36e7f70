import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the whole package. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
