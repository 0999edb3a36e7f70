"""SQLite: one writer at a time, readers on snapshots, every commit on the disk (PUSH-009, PUSH-015)."""
import secrets
import sqlite3
import threading
import time
import traceback

TABLES = """
CREATE TABLE IF NOT EXISTS settings(name TEXT PRIMARY KEY, value BLOB);
CREATE TABLE IF NOT EXISTS users(user TEXT PRIMARY KEY, head INTEGER NOT NULL, last_write INTEGER);
CREATE TABLE IF NOT EXISTS entities(
  user TEXT, type TEXT, id TEXT, version INTEGER, seq INTEGER, updated_at INTEGER, deleted INTEGER,
  checksum TEXT, item TEXT, claim TEXT, received_at INTEGER, PRIMARY KEY(user, type, id));
CREATE INDEX IF NOT EXISTS log ON entities(user, seq);
CREATE TABLE IF NOT EXISTS records(
  user TEXT, call TEXT, key TEXT, fingerprint TEXT, status INTEGER, content_type TEXT, body BLOB,
  recorded_at INTEGER, PRIMARY KEY(user, call, key));
CREATE INDEX IF NOT EXISTS records_by_age ON records(recorded_at);
CREATE TABLE IF NOT EXISTS devices(user TEXT, device TEXT, seen_at INTEGER, PRIMARY KEY(user, device));
"""
MOST_IDLE_CONNECTIONS = 16


def now_ms():
    """Unix milliseconds."""
    return time.time_ns() // 1000000


class Store:
    """The file, its epoch (PULL-019), and the lock that each writer holds until its change was told."""

    def __init__(self, path, restored=False):
        self.path = path
        self.writing = threading.Lock()
        self.idle, self.idle_lock = [], threading.Lock()
        self.on_untold_change = lambda: None
        connection = self._open()
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(TABLES)
        connection.execute("BEGIN IMMEDIATE")
        new = "INSERT OR IGNORE INTO settings VALUES(?,?)"
        connection.execute(new, ("cursor_key", secrets.token_bytes(32)))
        connection.execute(new, ("epoch", secrets.token_hex(6)))
        if restored:
            connection.execute("UPDATE settings SET value=? WHERE name='epoch'", (secrets.token_hex(6),))
        settings = dict(connection.execute("SELECT name, value FROM settings"))
        connection.execute("COMMIT")
        self.cursor_key, self.epoch = bytes(settings["cursor_key"]), settings["epoch"]
        self.give_back(connection)

    def reading(self):
        return Transaction(self, writes=False)

    def changing(self):
        return Transaction(self, writes=True)

    def _open(self):
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def take(self):
        with self.idle_lock:
            if self.idle:
                return self.idle.pop()
        return self._open()

    def give_back(self, connection):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        with self.idle_lock:
            if len(self.idle) < MOST_IDLE_CONNECTIONS:
                self.idle.append(connection)
                return
        connection.close()


class Transaction:
    """A read snapshot, or the one writer. `after` runs after the commit and before the next writer begins."""

    def __init__(self, store, writes):
        self.store, self.writes, self.after = store, writes, []

    def __enter__(self):
        if self.writes:
            self.store.writing.acquire()
        try:
            self.connection = self.store.take()
            self.connection.execute("BEGIN IMMEDIATE" if self.writes else "BEGIN")
        except BaseException:
            if self.writes:
                self.store.writing.release()
            raise
        return self.connection

    def __exit__(self, kind, error, trace):
        try:
            self.connection.execute("COMMIT" if kind is None else "ROLLBACK")
            if kind is None:
                self._run_after()
        finally:
            try:
                self.store.give_back(self.connection)
            finally:
                if self.writes:
                    self.store.writing.release()
        return False

    def _run_after(self):
        try:
            for action in self.after:
                action()
        except Exception:
            traceback.print_exc()
            self.store.on_untold_change()
