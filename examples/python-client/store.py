"""What a client keeps durably, in one SQLite file for each user; and the confirmed layer, the rows that
the server is
known to hold. Everything that belongs together is written in one transaction."""

import hashlib
import json
import sqlite3
import threading
from contextlib import contextmanager
from pathlib import Path

from rules import stamp_of

SCHEMA = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS confirmed (
  type TEXT, id TEXT,
  item TEXT,                           -- NULL: deleted; its stamp is kept (CLI-020)
  at INTEGER, deleted INTEGER, checksum TEXT,   -- the stamp
  version INTEGER, seq INTEGER,
  seen INTEGER,                        -- the greatest stamp known on the server, losers too
  PRIMARY KEY (type, id));
CREATE TABLE IF NOT EXISTS outbox (
  n INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which the writes were made
  type TEXT, id TEXT,
  item TEXT, at INTEGER, deleted INTEGER,       -- as it is sent, and its stamp
  clock_offset INTEGER,                -- by how much the device's clock was corrected when it was stamped
  state TEXT,                          -- waiting, sent, dead
  may_be_there INTEGER DEFAULT 0,      -- it was sent, and nobody said that it was refused
  request TEXT, pointer TEXT,          -- of one that is sent: in which request, and where in it
  tries INTEGER DEFAULT 0,             -- how often it was refused with an unknown code
  most INTEGER DEFAULT 50,             -- how many items a push with it may have
  code TEXT, detail TEXT);             -- of a dead one: why
CREATE INDEX IF NOT EXISTS outbox_entity ON outbox (type, id);
CREATE TABLE IF NOT EXISTS request (key TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS alias (type TEXT, id TEXT, now TEXT, PRIMARY KEY (type, id));
"""


class Store:
    """@raises sqlite3.OperationalError: the folder can't be written, or another process has the file open."""

    def __init__(self, folder, user):
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        # A file for each user: what one has not sent yet can't get into another's hands (CLI-049).
        file = folder / f"{hashlib.sha256(user.encode()).hexdigest()[:32]}.db"
        self.db = sqlite3.connect(file, timeout=5, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.lock = threading.RLock()
        # Exclusive: a second process on this file would send everything a second time, under other keys.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(SCHEMA)

    @contextmanager
    def transaction(self):
        """All or nothing, and durable at its end. One within another is a part of it."""
        with self.lock:
            if self.db.in_transaction:
                yield
                return
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                self.db.execute("ROLLBACK")
                raise

    def run(self, sql, *values):
        with self.lock:
            return self.db.execute(sql, values)

    def rows(self, sql, *values):
        with self.lock:
            return self.db.execute(sql, values).fetchall()

    def row(self, sql, *values):
        with self.lock:
            return self.db.execute(sql, values).fetchone()

    def get(self, name, default=None):
        row = self.row("SELECT value FROM state WHERE name = ?", name)
        return default if row is None else json.loads(row["value"])

    def put(self, name, value):
        self.run("INSERT OR REPLACE INTO state VALUES (?, ?)", name, json.dumps(value))

    def drop(self, *names):
        for name in names:
            self.run("DELETE FROM state WHERE name = ?", name)

    def close(self):
        with self.lock:
            self.db.close()

    # The confirmed layer

    def confirmed(self, entity_type, entity_id):
        return self.row("SELECT * FROM confirmed WHERE type = ? AND id = ?", entity_type, entity_id)

    def apply(self, meta, item):
        """Takes over what the server says of an entity, if it is news (CLI-020). In a transaction.

        @param item: None for a deletion
        """
        entity_type, entity_id = meta["entityType"], meta["entityId"]
        at, deleted, checksum = stamp = stamp_of(meta)
        row = self.confirmed(entity_type, entity_id)
        if row:
            # Also of a row that loses, or lies below the floor, is learnt what the server has come to
            # (CLI-002, CLI-023).
            self.run(
                "UPDATE confirmed SET version = max(version, ?), seen = max(seen, ?)"
                " WHERE type = ? AND id = ?",
                meta["version"],
                at,
                entity_type,
                entity_id,
            )
        # CLI-013; one floor does, as this client always pulls all types. A deletion of what is not here
        # leaves its stamp.
        if meta["seq"] <= self.get("floor", 0) and (row or not deleted):
            return
        if row and stamp <= (row["at"], bool(row["deleted"]), row["checksum"]):
            return
        text = None if deleted else json.dumps(item)
        version, seen = max(meta["version"], row["version"] if row else 0), max(
            at, row["seen"] if row else at
        )
        self.run(
            "INSERT OR REPLACE INTO confirmed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            entity_type,
            entity_id,
            text,
            at,
            deleted,
            checksum,
            version,
            meta["seq"],
            seen,
        )

    def seen(self, entity_type, entity_id):
        """The greatest stamp (ms) that the server is known to hold of it (CLI-002); None: nothing is
        known."""
        row = self.confirmed(entity_type, entity_id)
        if row and not row["deleted"]:
            return row["seen"]
        # What a full pull lacked was perhaps deleted, at the latest at that pull's time.
        known = [row["seen"] if row else None, self.get("pulledAt")]
        return max((at for at in known if at is not None), default=None)

    # Where it stands: epoch; token, for pulls; seq, the same place or a later one, for sockets

    def begin_epoch(self, epoch):
        """With the first page of a full pull (CLI-050). In the transaction that applies that page."""
        if self.get("epoch") not in (None, epoch):
            self.run("DELETE FROM confirmed")
            self.drop("floor", "pulledAt", "token", "seq")
        self.put("epoch", epoch)

    def move(self, token=None, seq=None):
        """In the transaction that applies what lies before the new place (CLI-010)."""
        if token is not None:
            self.put("token", token)
        if seq is not None:
            self.put("seq", max(seq, self.get("seq", 0)))

    def end_full_pull(self, through, pulled_at, told):
        """CLI-012, and the floor of CLI-013. In the transaction of the last page.

        @param told: set of (type, id): all that the pages had
        """
        for row in self.rows("SELECT type, id FROM confirmed WHERE seq <= ? AND NOT deleted", through):
            if (row["type"], row["id"]) not in told:
                self.run("DELETE FROM confirmed WHERE type = ? AND id = ?", row["type"], row["id"])
        self.put("floor", max(through, self.get("floor", 0)))
        self.put("pulledAt", pulled_at)  # the latest pull's, even if that is earlier (CLI-053)
