import { StorageError, type Commit } from "../core/ports.ts";
import { D1Storage } from "./d1.ts";

/**
 * Makes the next write of rows fail in the middle of its transaction, as a fault of the database would: after the head and the
 * record, at the first row.
 */
export const ARM_FAULT =
  "CREATE TRIGGER IF NOT EXISTS injected_fault BEFORE INSERT ON sync_data BEGIN SELECT RAISE(ABORT, 'injected fault'); END";

/** D1 on which {@link ARM_FAULT} strikes once; for development alone. The trigger can't count: what it wrote would be undone with the rest. */
export class FaultyD1Storage extends D1Storage {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    super(db);
    this.#db = db;
  }

  override async commit(write: Commit): Promise<"committed" | "moved"> {
    try {
      return await super.commit(write);
    } catch (error) {
      if (error instanceof StorageError && error.message.includes("injected fault")) {
        await this.#db.prepare("DROP TRIGGER IF EXISTS injected_fault").run();
      }
      throw error;
    }
  }
}
