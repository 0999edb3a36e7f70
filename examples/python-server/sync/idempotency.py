"""Idempotency keys: the first answer of a key is recorded with what it answers, and given again."""
import threading
from contextlib import contextmanager
from typing import NamedTuple

from sync.problems import Problem
from sync.store import now_ms

GRACE_MS = 1000
SWEEP_EVERY_MS = 60000


class Slot(NamedTuple):
    """What a key is one of: of a user and a call."""

    user: str
    call: str
    key: str


class Recorded(NamedTuple):
    """An answer to a push or batch."""

    status: int
    content_type: str
    body: bytes


class Idempotency:
    def __init__(self, store, retention_ms):
        self.store, self.retention_ms = store, retention_ms
        self.running, self.lock = set(), threading.Lock()
        self.sweep_at = 0

    def recorded(self, slot, fingerprint):
        """The answer that the slot has, or None; a Problem if another body has it (IDEM-003)."""
        query = (
            "SELECT fingerprint, status, content_type, body FROM records"
            " WHERE user=? AND call=? AND key=? AND recorded_at>=?"
        )
        with self.store.reading() as connection:
            row = connection.execute(query, (*slot, self._oldest(now_ms()))).fetchone()
        if row is None:
            return None
        if row[0] != fingerprint:
            raise Problem("IDEMPOTENCY_KEY_REUSED", "This key was used for another body.")
        return Recorded(*row[1:])

    @contextmanager
    def alone(self, slot):
        """Holds the slot while its request is judged; a second one meanwhile is told to wait (IDEM-011)."""
        with self.lock:
            if slot in self.running:
                detail = "A request under this key is being judged right now."
                raise Problem("IDEMPOTENCY_IN_FLIGHT", detail, headers={"Retry-After": "1"})
            self.running.add(slot)
        try:
            yield
        finally:
            with self.lock:
                self.running.discard(slot)

    def record(self, connection, slot, fingerprint, answer):
        """In the transaction of the writes themselves (IDEM-012, PUSH-009)."""
        now = now_ms()
        values = (*slot, fingerprint, *answer, now)
        connection.execute("INSERT OR REPLACE INTO records VALUES(?,?,?,?,?,?,?,?)", values)
        if now > self.sweep_at:
            self.sweep_at = now + SWEEP_EVERY_MS
            connection.execute("DELETE FROM records WHERE recorded_at<?", (self._oldest(now),))

    def _oldest(self, now):
        return now - self.retention_ms - GRACE_MS
