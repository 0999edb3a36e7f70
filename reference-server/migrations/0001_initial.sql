-- What the server knows of a user beside the entities: the identity of the data, and the head of the log.
CREATE TABLE sync_metadata (
  user_id TEXT NOT NULL PRIMARY KEY,
  epoch TEXT NOT NULL,
  cursor_key TEXT NOT NULL,
  -- NOT NULL is load-bearing: a writer that finds another head than it judged by writes NULL here, which aborts its transaction.
  head INTEGER NOT NULL,
  last_write INTEGER
) STRICT;

-- The latest state of each entity. A deletion keeps its row, without the item, for the life of the account (DEL-005).
CREATE TABLE sync_data (
  user_id TEXT NOT NULL,
  entity_type TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  version INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted INTEGER NOT NULL CHECK (deleted IN (0, 1)),
  checksum TEXT NOT NULL,
  item TEXT,
  claim_deleted INTEGER,
  claim_updated_at INTEGER,
  claim_checksum TEXT,
  received_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, entity_type, entity_id),
  CHECK ((item IS NULL) = (deleted = 1))
) STRICT;

-- Delta pulls, of all types and of one.
CREATE UNIQUE INDEX sync_data_log ON sync_data (user_id, seq);
CREATE INDEX sync_data_log_of_type ON sync_data (user_id, entity_type, seq);
-- Full pulls read live rows only: an account full of deletions costs them nothing.
CREATE INDEX sync_data_live ON sync_data (user_id, seq) WHERE deleted = 0;
CREATE INDEX sync_data_live_of_type ON sync_data (user_id, entity_type, seq) WHERE deleted = 0;
-- The deletions that a full pull needs: those of the walk's own time, and those stamped in its future (PULL-007).
CREATE INDEX sync_data_deletions ON sync_data (user_id, seq) WHERE deleted = 1;
CREATE INDEX sync_data_deletion_stamps ON sync_data (user_id, updated_at) WHERE deleted = 1;

-- The first answer to each idempotency key, in parts that fit D1's limit on a value.
CREATE TABLE idempotency_records (
  user_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  key TEXT NOT NULL,
  part INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, endpoint, key, part)
) STRICT;
CREATE INDEX idempotency_records_age ON idempotency_records (user_id, recorded_at);

CREATE TABLE devices (
  user_id TEXT NOT NULL,
  device_id TEXT NOT NULL,
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_seen ON devices (user_id, last_seen);
