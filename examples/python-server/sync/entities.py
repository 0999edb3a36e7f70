"""A row of the log, as answers and events tell it."""
from typing import NamedTuple

from rules.instants import instant_text

COLUMNS = "type, id, version, seq, updated_at, deleted, checksum, item"


class Entity(NamedTuple):
    """What is stored of an entity; the members are COLUMNS. `item` is JSON text, None for a deletion."""

    type: str
    id: str
    version: int
    seq: int
    updated_at: int
    deleted: int
    checksum: str
    item: str | None

    @property
    def stamp(self):
        """Stamps compare as tuples do: time, a deletion over a live item (ORD-004), checksum (ORD-005)."""
        return self.updated_at, bool(self.deleted), self.checksum


def meta(entity):
    """The member `meta` of answers, chunks and events."""
    at = instant_text(entity.updated_at)
    return {
        "entityType": entity.type,
        "entityId": entity.id,
        "version": entity.version,
        "seq": entity.seq,
        "updatedAt": at,
        "deletedAt": at if entity.deleted else None,
        "checksum": entity.checksum,
    }


def head_of(connection, user):
    """The greatest seq that the user's log has reached, 0 before the first write."""
    row = connection.execute("SELECT head FROM users WHERE user=?", (user,)).fetchone()
    return row[0] if row else 0
