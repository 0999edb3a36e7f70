import type * as Library from "miniflare";
import { UsageError } from "./usage-error.ts";

/** The version that this package is tested with; `package.json` allows what is compatible with it. */
const TESTED = "4.20260730.0";

/**
 * Miniflare, which holds workerd and is an optional peer: who deploys, or uses the client alone, needs neither.
 *
 * @param load for tests
 * @throws UsageError where it is not installed, with the command that installs it
 */
export async function loadMiniflare(
  load = (): Promise<typeof Library> => import("miniflare"),
): Promise<typeof Library> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageError(
      `the reference server runs on Miniflare, which is not installed: npm install --save-dev miniflare@${TESTED}`,
    );
  }
}
