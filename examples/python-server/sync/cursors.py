"""Cursors: sync tokens that only this server can make, for one user and one epoch (PULL-018, PULL-019)."""
import base64
import hashlib
import hmac
import json
from typing import NamedTuple

from rules.entity_types import ENTITY_TYPES
from sync.problems import Problem

ALL_TYPES = (1 << len(ENTITY_TYPES)) - 1
MAC_BYTES = 15


class Cursor(NamedTuple):
    """`types` is a set of bits, one a type; `walk` the head at which an unfinished full pull began."""

    types: int
    seq: int
    walk: int | None = None


class Cursors:
    """A text is "k", then JSON and its MAC in lower-case base32hex."""

    def __init__(self, store):
        self.store = store

    def text(self, user, cursor):
        values = [self.store.epoch, *cursor]
        body = json.dumps(values, separators=(",", ":")).encode()
        return "k" + base64.b32hexencode(body + self._mac(user, body)).decode().rstrip("=").lower()

    def at_head(self, user, head):
        return self.text(user, Cursor(ALL_TYPES, head))

    def read(self, user, text):
        try:
            body, mac = _decode(text)
        except ValueError:
            body, mac = b"", b""
        if hmac.compare_digest(mac, self._mac(user, body)):
            epoch, *rest = json.loads(body)
            if epoch == self.store.epoch:
                return Cursor(*rest)
        raise expired("This cursor is not one of this server for this user; make a full pull.")

    def _mac(self, user, body):
        data = b"cursor\0" + user.encode() + b"\0" + body
        return hmac.new(self.store.cursor_key, data, hashlib.sha256).digest()[:MAC_BYTES]


def expired(detail):
    return Problem("CURSOR_EXPIRED", detail)


def _decode(text):
    digits = text[1:].upper()
    data = base64.b32hexdecode(digits + "=" * (-len(digits) % 8))
    if text != "k" + base64.b32hexencode(data).decode().rstrip("=").lower():
        raise ValueError("not in canonical form")
    return data[:-MAC_BYTES], data[-MAC_BYTES:]
