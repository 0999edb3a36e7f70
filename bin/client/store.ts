import { createHash } from "node:crypto";
import { rmdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Of a name, in characters; file systems take 255. */
const LONGEST = 120;

/** What names a replica on this machine: each server, user and device has a folder of its own. */
export interface Replica {
  url: string;
  user: string;
  device: string;
}

/** Where a replica is kept when nobody says where: with the user's other data, not with what may be cleared away. */
export function folderOf({ url, user, device }: Replica, env: NodeJS.ProcessEnv): string {
  const data = env["XDG_DATA_HOME"] || join(homedir(), ".local", "share");
  const { host, pathname } = new URL(url);
  const server = `${host}${pathname}`.replace(/\/+$/, "");
  return join(data, "mirubato-sync", ...[server, user, device].map(fileName));
}

/** Removes what folders of a replica nobody needs any more: those that nothing is in, up to what was there before it. */
export function removeEmpty(replica: Replica, env: NodeJS.ProcessEnv): void {
  let folder = folderOf(replica, env);
  try {
    for (let above = 0; above < 4; above++) {
      rmdirSync(folder);
      folder = dirname(folder);
    }
  } catch {
    // Something else is in it.
  }
}

/** A name that every file system takes, and that no two texts share, upper and lower case being one to some. */
function fileName(text: string): string {
  const safe = [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9._-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("")
    .replace(/^\./, "%2e");
  if (safe.length <= LONGEST) return safe;
  return `${safe.slice(0, LONGEST - 33)}-${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
}
