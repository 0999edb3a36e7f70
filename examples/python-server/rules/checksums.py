"""Checksums of items (DATA-006, DATA-007) and fingerprints of bodies (IDEM-004, IDEM-005)."""
import hashlib

from rules.canonical_json import canonical_json
from rules.entity_types import BOOKKEEPING
from rules.i_json import DEEPEST, InvalidJson, parse_i_json


def content(item):
    """What the user wrote: a normalised item without the members that keep books."""
    return {name: value for name, value in item.items() if name not in BOOKKEEPING}


def checksum(item):
    """Of a live, normalised item; a deletion's is the empty text."""
    return sha_256(canonical_json(content(item)).encode("utf-8"))


def fingerprint(body, max_depth=DEEPEST):
    """What makes two bodies the same: their canonical JSON, or their bytes where they are no I-JSON."""
    try:
        body = canonical_json(parse_i_json(body, max_depth)).encode("utf-8")
    except InvalidJson:
        pass
    return sha_256(body)


def sha_256(data):
    return hashlib.sha256(data).hexdigest()
