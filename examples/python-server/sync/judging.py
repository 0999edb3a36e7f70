"""Judges writes and applies the winners, in the one writer's transaction (spec/ordering.md, PUSH-010)."""
import json
import random
from typing import NamedTuple

from rules.instants import instant_text
from sync.entities import COLUMNS, Entity, head_of
from sync.items import stamp_live
from sync.problems import violation
from sync.store import now_ms

MOST_SEQ_STEP = 3  # seqs may have gaps, and clients had better not count on their having none


class Verdict(NamedTuple):
    """When it was judged, the head after it, and the entities that changed, in ascending seq."""

    now: int
    head: int
    changed: list


class State:
    """An entity while one request is judged: what is stored, and the best of its candidates."""

    def __init__(self, row):
        self.stored = Entity(*row[:-1]) if row else None
        self.claim = tuple(json.loads(row[-1])) if row and row[-1] else None
        self.receipt_stamp = None
        self.best = None
        self.settled = False

    @property
    def stored_stamp(self):
        return self.stored.stamp if self.stored else None


class Judgement:
    """The writes of one request of one user."""

    def __init__(self, connection, sender, clock_skew_ms):
        self.connection, self.sender, self.clock_skew_ms = connection, sender, clock_skew_ms
        self.now = now_ms()
        self.head = head_of(connection, sender.user)
        self.states = {}
        self.changed = []

    def apply(self, writes):
        """Gives each write its outcome, or refuses it."""
        candidates = [write for write in writes if not write.code and self._is_candidate(write)]
        for write in candidates:
            if not write.state.settled:
                self._settle(write.state)
            if write.outcome is None:
                equal = write.stamp == write.state.stored_stamp
                write.outcome = "duplicate" if equal else "superseded"
        if self.changed:
            self.connection.execute(
                "INSERT INTO users VALUES(?,?,?)"
                " ON CONFLICT(user) DO UPDATE SET head=excluded.head, last_write=excluded.last_write",
                (self.sender.user, self.head, self.now),
            )
        return Verdict(self.now, self.head, self.changed)

    def _is_candidate(self, write):
        """False where the write is settled before stamps are compared."""
        state = write.state = self._state_of(write)
        if state.claim == write.stamp:  # ORD-013: the same write, sent again
            write.outcome = "duplicate"
            return False
        if write.version is not None and state.stored and write.version < state.stored.version:
            if write.stamp == state.stored_stamp:  # BATCH-004
                write.outcome = "duplicate"
            else:
                self._refuse_version(write, state.stored)
            return False
        if not self._has_fair_stamp(write, state.stored):
            if self.sender.announced:
                self._refuse_stamp(write)
                return False
            self._stamp_by_receipt(write, state)
        if state.best is None or write.stamp > state.best.stamp:
            state.best = write
        return True

    def _state_of(self, write):
        key = (write.entity_type, write.entity_id)
        if key not in self.states:
            query = f"SELECT {COLUMNS}, claim FROM entities WHERE user=? AND type=? AND id=?"
            row = self.connection.execute(query, (self.sender.user, *key)).fetchone()
            self.states[key] = State(row)
        return self.states[key]

    def _refuse_version(self, write, stored):
        detail = f"the stored version is {stored.version}"
        write.refuse("VERSION_CONFLICT", [violation(f"{write.pointer}/version", "VERSION_CONFLICT", detail)])
        write.version_conflict = stored

    def _has_fair_stamp(self, write, stored):
        """ORD-010, ORD-014 to ORD-017: it has one, not too far ahead of the clock or of what is stored."""
        if write.updated_at is None:
            return False
        if write.updated_at <= self.now + self.clock_skew_ms:
            return True
        return stored is not None and write.updated_at <= stored.updated_at + 1

    def _refuse_stamp(self, write):
        if write.updated_at is None:
            write.refuse_stamp("INCOMPLETE", "is required")
        else:
            write.refuse_stamp("CLOCK_SKEW", f"is more than {self.clock_skew_ms} ms ahead")
            write.server_time = instant_text(self.now)

    def _stamp_by_receipt(self, write, state):
        """ORD-012, ORD-016: a deployed peer's write counts as made when it came, and after what is stored."""
        state.claim = write.stamp
        if state.receipt_stamp is not None:
            state.receipt_stamp += 1
        else:
            state.receipt_stamp = max(self.now, state.stored.updated_at + 1 if state.stored else 0)
        write.has_receipt_stamp = True
        if write.deleted:
            write.updated_at = state.receipt_stamp
        else:
            stamp_live(write, state.receipt_stamp)

    def _settle(self, state):
        """Writes the best candidate if it beats what is stored: one version and one seq (PUSH-010)."""
        state.settled = True
        best, stored = state.best, state.stored
        if stored and best.stamp <= stored.stamp:
            return
        self.head += random.randint(1, MOST_SEQ_STEP)
        state.stored = Entity(
            type=best.entity_type,
            id=best.entity_id,
            version=stored.version + 1 if stored else 1,
            seq=self.head,
            updated_at=best.updated_at,
            deleted=int(best.deleted),
            checksum=best.checksum,
            item=None if best.deleted else best.text,
        )
        claim = json.dumps(state.claim) if state.claim else None
        self.connection.execute(
            "INSERT OR REPLACE INTO entities VALUES(?,?,?,?,?,?,?,?,?,?,?)",
            (self.sender.user, *state.stored, claim, self.now),
        )
        best.outcome = "applied"
        self.changed.append(state.stored)
