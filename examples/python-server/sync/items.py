"""Reads one item of a push, batch or message, before the judgement: identifies, normalises, validates it."""
from dataclasses import dataclass, field
from typing import NamedTuple

from rules.canonical_json import canonical_json
from rules.checksums import checksum
from rules.entity_types import TEMPLATE
from rules.instants import instant_text, parse_instant
from rules.json_schema import MISSING, pointer, violations
from rules.normalise import camel_case, normalise, place_id
from sync.problems import MOST_ERRORS, Refusal, refusal, violation
from sync.schemas import ITEM_SCHEMAS


class Sender(NamedTuple):
    """A user, and whether the peer announced the protocol or is a deployed one from before it."""

    user: str
    announced: bool


class Deletion(dict):
    """The item that ENTRY_DELETED, PIECE_REMOVED or PIECE_DISSOCIATED stands for; it may lack any stamp."""


@dataclass(slots=True)
class Write:
    """One item on its way: as sent, as read, as judged."""

    pointer: str
    item_pointer: str
    entity_type: str | None = None
    entity_id: str | None = None
    sent: object = None
    item: dict | None = None
    sent_as: dict = field(default_factory=dict)
    text: str | None = None
    deleted: bool = False
    updated_at: int | None = None
    checksum: str = ""
    version: int | None = None
    has_receipt_stamp: bool = False
    state: object = None
    outcome: str | None = None
    code: str | None = None
    errors: list | None = None
    server_time: str | None = None
    version_conflict: object = None

    @property
    def stamp(self):
        """Compares as Entity.stamp does; while there is no time in it, it is the claim of ORD-013."""
        return self.updated_at, self.deleted, self.checksum

    def refuse(self, code, errors):
        self.code, self.errors = code, errors

    def refuse_stamp(self, code, detail):
        member = "/deletedAt" if self.deleted else "/updatedAt"
        self.refuse(code, [violation(self.item_pointer + member, code, detail)])


class Items:
    """Reads items within the server's limits."""

    def __init__(self, limits):
        self.most_bytes = limits["maxItemBytes"]

    def read(self, place, entity_type, sent, sender, timestamp=None):
        """A Write, refused or ready for judgement; timestamp is the one of a message around the item."""
        write = Write(place, place)
        try:
            identify(write, entity_type, sent)
            self.complete(write, sender, timestamp)
        except Refusal as refused:
            write.refuse(refused.code, refused.errors)
        return write

    def complete(self, write, sender, timestamp=None):
        """Stamp, content and checksum."""
        if isinstance(write.sent, Deletion) and "deletedAt" not in write.item:
            write.deleted = True
        elif is_deletion(write.item):
            write.deleted = True
            write.updated_at = parse_instant(write.item["deletedAt"])
            if write.updated_at is None:
                raise refusal("INVALID_ITEM", _place(write, "deletedAt"), "must be an instant")
        else:
            self._complete_live(write, sender, timestamp)

    def _complete_live(self, write, sender, timestamp):
        item = normalise(write.entity_type, write.item)
        if write.entity_type == TEMPLATE:
            item["authorId"] = sender.user
        _validate(write)
        write.text = canonical_json(item)
        size = len(write.text.encode())
        if size > self.most_bytes:
            detail = f"has {size} bytes; at most {self.most_bytes} are taken"
            raise refusal("ITEM_TOO_LARGE", write.item_pointer, detail)
        if "updatedAt" in item:
            write.updated_at = parse_instant(item["updatedAt"])
        elif timestamp is not None:
            stamp_live(write, timestamp)  # RT-046
        write.checksum = checksum(item)


def identify(write, entity_type, sent, fallback_id=None):
    """Whose item it is: PUSH-005, PUSH-007, DATA-016."""
    write.entity_type, write.sent = entity_type, sent
    if entity_type is None:
        if isinstance(sent, dict) and is_entity_id(sent.get("id")):
            write.entity_id = sent["id"]
        raise refusal("UNKNOWN_COLLECTION", write.item_pointer, "this collection is not known here")
    if not isinstance(sent, dict):
        raise refusal("INVALID_ITEM", write.item_pointer, "must be an object")
    write.item, write.sent_as = camel_case(sent)
    member = place_id(entity_type, write.item, write.sent_as, fallback_id)
    if member not in write.item:
        raise refusal("INCOMPLETE", _place(write, member), "is required")
    if not is_entity_id(write.item[member]):
        raise refusal("INVALID_ITEM", _place(write, member), "must be a text of 1 to 255 characters")
    write.entity_id = write.item[member]


def is_deletion(item):
    """DEL-001, DEL-007, of an item in camel case: every value but the empty text says so."""
    deleted_at = item.get("deletedAt", "")
    return not isinstance(deleted_at, str) or deleted_at != ""


def is_entity_id(value):
    return isinstance(value, str) and 1 <= len(value) <= 255


def stamp_live(write, unix_ms):
    """Gives a live item a stamp that it was not sent with, and writes it into the item (ORD-012)."""
    write.updated_at = unix_ms
    write.item["updatedAt"] = instant_text(unix_ms)
    write.text = canonical_json(write.item)


def _place(write, member):
    return pointer(write.item_pointer, (member,), write.sent_as)


def _validate(write):
    found = violations(ITEM_SCHEMAS[write.entity_type], write.item)
    if not found:
        return
    found.sort(key=lambda one: one[1] != MISSING)
    code = "INCOMPLETE" if found[0][1] == MISSING else "INVALID_ITEM"  # PUSH-006, PUSH-007
    errors = [
        violation(
            pointer(write.item_pointer, path, write.sent_as),
            "INCOMPLETE" if kind == MISSING else "INVALID_ITEM",
            detail,
        )
        for path, kind, detail in found[:MOST_ERRORS]
    ]
    raise Refusal(code, errors)
