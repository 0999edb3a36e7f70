/** Every statement that reads or writes the user's data. Each stays on an index; a test asks SQLite for its plans. */

const COLUMNS =
  "entity_type, entity_id, seq, version, updated_at, deleted, checksum, item, claim_updated_at, claim_deleted, claim_checksum";

/** ?1 user, ?2 epoch, ?3 cursor key. */
export const MEET_USER =
  "INSERT INTO sync_metadata (user_id, epoch, cursor_key, head) VALUES (?1, ?2, ?3, 0) ON CONFLICT DO NOTHING";

/** ?1 user. */
export const READ_IDENTITY =
  "SELECT epoch, cursor_key, head, last_write FROM sync_metadata WHERE user_id = ?1";

/** ?1 user, ?2 device, ?3 now, ?4 refresh interval. */
export const SEE_DEVICE = `
  INSERT INTO devices (user_id, device_id, last_seen) VALUES (?1, ?2, ?3)
  ON CONFLICT DO UPDATE SET last_seen = excluded.last_seen WHERE devices.last_seen <= excluded.last_seen - ?4`;

/** ?1 user, ?2 endpoint, ?3 key, ?4 oldest. The plus keeps SQLite from going through all records of the user by their age. */
export const READ_RECORD = `
  SELECT fingerprint, status, body FROM idempotency_records
  WHERE user_id = ?1 AND endpoint = ?2 AND key = ?3 AND +recorded_at >= ?4 ORDER BY part`;

/** ?1 user, ?2 JSON: [[type, id], …]. The named rows by primary key, however many there are. */
export const READ_ROWS = `
  SELECT ${COLUMNS} FROM json_each(?2) AS named CROSS JOIN sync_data
  WHERE user_id = ?1 AND entity_type = named.value ->> 0 AND entity_id = named.value ->> 1`;

/**
 * ?1 user, ?2 epoch, ?3 expected head, ?4 new head, ?5 time of the write or null. Where the user is not known, or the head is another one
 * than the write was judged by, the value is NULL, the column refuses it, and with it the whole transaction: nothing is written on top of a
 * state that was not seen. An UPDATE would pass over a user who is not there any more.
 */
export const MOVE_HEAD = `
  INSERT INTO sync_metadata (user_id, epoch, cursor_key, head, last_write)
  VALUES (?1, ?2, '', (SELECT ?4 FROM sync_metadata WHERE user_id = ?1 AND epoch = ?2 AND head = ?3), ?5)
  ON CONFLICT (user_id) DO UPDATE SET
    head = excluded.head, last_write = coalesce(excluded.last_write, sync_metadata.last_write)`;

/** ?1 user, ?2 oldest that stays. */
export const FORGET_RECORDS = "DELETE FROM idempotency_records WHERE user_id = ?1 AND recorded_at < ?2";

/** A second record under one key breaks the primary key, and with it the transaction. */
export const RECORD = `
  INSERT INTO idempotency_records (user_id, endpoint, key, part, fingerprint, status, body, recorded_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`;

/**
 * ?1 user, ?2 JSON: rows as lists, ?3 now. One statement for all rows. A row must follow the one that is stored, by its version, and by its stamp:
 * last write wins once more, in the database's own words, so that no fault above it can put an older stamp over a newer one. Otherwise the
 * version is NULL, which voids the transaction as MOVE_HEAD does.
 */
export const WRITE_ROWS = `
  INSERT INTO sync_data (user_id, ${COLUMNS}, received_at)
  SELECT ?1, ${COLUMNS.split(", ")
    .map((_, index) => `written.value ->> ${index}`)
    .join(", ")}, ?3
  FROM json_each(?2) AS written WHERE true
  ON CONFLICT (user_id, entity_type, entity_id) DO UPDATE SET
    version = CASE WHEN excluded.version = sync_data.version + 1
      AND (excluded.updated_at, excluded.deleted, excluded.checksum) > (sync_data.updated_at, sync_data.deleted, sync_data.checksum)
      THEN excluded.version END,
    seq = excluded.seq, updated_at = excluded.updated_at, deleted = excluded.deleted,
    checksum = excluded.checksum, item = excluded.item, claim_updated_at = excluded.claim_updated_at,
    claim_deleted = excluded.claim_deleted, claim_checksum = excluded.claim_checksum, received_at = excluded.received_at`;

/** ?1 user, ?2 after, ?3 limit (-1: none), ?4 type. */
export function deltaPage(typed: boolean): string {
  const index = typed ? "sync_data_log_of_type" : "sync_data_log";
  return `
    SELECT ${COLUMNS} FROM sync_data INDEXED BY ${index}
    WHERE user_id = ?1 AND seq > ?2${typed ? " AND entity_type = ?4" : ""} ORDER BY seq LIMIT ?3`;
}

/** ?1 user, ?2 after, ?3 limit (-1: none), ?4 earliest receipt. */
export const RECEIVED_PAGE = `
  SELECT ${COLUMNS} FROM sync_data INDEXED BY sync_data_log
  WHERE user_id = ?1 AND seq > ?2 AND received_at >= ?4 ORDER BY seq LIMIT ?3`;

/**
 * ?1 user, ?2 after, ?3 limit (-1: none), ?4 head at the start, ?5 time of the start, ?6 type. Live rows; deletions made during the
 * walk; deletions stamped after its start. Each part comes in order from its own index and SQLite merges them, so a page costs what is on it.
 */
export function fullPage(typed: boolean): string {
  const ofType = typed ? " AND entity_type = ?6" : "";
  const live = typed ? "sync_data_live_of_type" : "sync_data_live";
  return `
    SELECT ${COLUMNS} FROM sync_data INDEXED BY ${live}
    WHERE user_id = ?1 AND seq > ?2 AND deleted = 0${ofType}
    UNION ALL SELECT ${COLUMNS} FROM sync_data INDEXED BY sync_data_deletions
    WHERE user_id = ?1 AND seq > max(?2, ?4) AND deleted = 1${ofType}
    UNION ALL SELECT ${COLUMNS} FROM sync_data INDEXED BY sync_data_deletion_stamps
    WHERE user_id = ?1 AND updated_at > ?5 AND seq > ?2 AND seq <= ?4 AND deleted = 1${ofType}
    ORDER BY seq LIMIT ?3`;
}

/** ?1 user. */
export const COUNT_ENTITIES =
  "SELECT count(*) AS count FROM sync_data INDEXED BY sync_data_live WHERE user_id = ?1 AND deleted = 0";

/** ?1 user, ?2 since. */
export const COUNT_DEVICES =
  "SELECT count(*) AS count FROM devices INDEXED BY devices_seen WHERE user_id = ?1 AND last_seen >= ?2";

/** ?1 user, ?2 expected epoch, ?3 epoch, ?4 cursor key. */
export const REPLACE_IDENTITY =
  "UPDATE sync_metadata SET epoch = ?3, cursor_key = ?4 WHERE user_id = ?1 AND epoch = ?2";
