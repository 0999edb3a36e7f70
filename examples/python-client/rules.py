"""The pure rules that a client needs: entity types, ids, instants, stamps. No input or output here."""

import re
import time
import uuid
from datetime import datetime, timedelta, timezone

COLLECTION_OF = {
    "logbook_entry": "entries",
    "goal": "goals",
    "repertoire_item": "repertoire",
    "practice_plan": "practicePlans",
    "plan_occurrence": "planOccurrences",
    "plan_template": "planTemplates",
    "user_preferences": "preferences",
}
ACCEPTED = ("applied", "duplicate", "superseded")  # outcomes; whatever else comes is a refusal (CLI-029)
TYPE_OF = {collection: entity_type for entity_type, collection in COLLECTION_OF.items()}

# What keeps books is no content (data.md). deviceId stays where an app wants it, the rest is the client's
# own affair.
BOOKKEEPING = ("updatedAt", "deletedAt", "version", "seq", "checksum", "userId", "clientChangeId")

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

# ECMAScript's \s, which is not Python's.
SPACE = "\t\n\x0b\x0c\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
SPACES = re.compile(f"[{SPACE}]+")
CANONICAL_SCORE = re.compile(r"score_[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")


def id_member(entity_type):
    return "scoreId" if entity_type == "repertoire_item" else "id"


def now_ms():
    return time.time_ns() // 1_000_000


def instant_text(unix_ms):
    moment = EPOCH + timedelta(milliseconds=unix_ms)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_instant(text):
    """Unix milliseconds of an RFC 3339 text, finer digits cut off; ValueError where it is none."""
    match = INSTANT.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"no instant: {text!r}")
    day, clock, fraction, zone = match.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}{zone.replace('z', 'Z')}")
    return (moment - EPOCH) // timedelta(milliseconds=1) + int(((fraction or "") + "000")[:3])


def stamp_of(meta):
    """What orders the states of an entity (ordering.md): compare these tuples."""
    return parse_instant(meta["updatedAt"]), meta["deletedAt"] is not None, meta["checksum"]


def prepare(entity_type, given):
    """An app's item as it is kept and sent, and its id. Whoever gives no id gets one."""
    item = {name: value for name, value in given.items() if name not in BOOKKEEPING}
    if entity_type == "repertoire_item":
        if "scoreId" not in item:
            # NORM-007. Derived like the server does it, so that two devices offline mean the same piece.
            item["scoreId"] = item.pop("score_id", None) or item.pop("id", None) or derive_score_id(item)
        if isinstance(item["scoreId"], str):
            item["scoreId"] = normal_score_id(item["scoreId"])
    elif "id" not in item:
        item["id"] = "preferences" if entity_type == "user_preferences" else str(uuid.uuid4())
    entity_id = item[id_member(entity_type)]
    if not isinstance(entity_id, str) or not 1 <= len(entity_id) <= 255:
        raise ValueError(f"{id_member(entity_type)} must be a text of 1 to 255 characters, or be left out")
    return item, entity_id


def normal_score_id(score_id):
    """NORM-005."""
    score_id = _squeeze_ends(score_id)
    if CANONICAL_SCORE.fullmatch(score_id) or ("-" not in score_id and "||" not in score_id):
        return score_id
    return score_id.lower()


def derive_score_id(item):
    """NORM-004, or a canonical id where there is no title to derive one from."""
    title, composer = item.get("title"), item.get("composer")
    if not isinstance(title, str) or not _squeeze_ends(title) or not isinstance(composer, (str, type(None))):
        return f"score_{uuid.uuid4().hex}"
    title = re.sub("[\u2018\u2019]", "'", title.lower())
    title = _squeeze(re.sub("[\u2013\u2014]", "-", re.sub("[\u201c\u201d]", '"', title)))
    composer = _squeeze(re.sub("[\u2018\u2019]", "'", (composer or "").lower()).replace(".", "")) or "unknown"
    return title + ("||" if "-" in title or "-" in composer else "-") + composer


def same_content(one, other):
    """Whether two items say the same: CLI-016. JSON knows no difference between 1 and 1.0, but between 1
    and true."""
    return _comparable(one, top=True) == _comparable(other, top=True)


def _comparable(value, top=False):
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, dict):
        return {k: _comparable(v) for k, v in value.items() if not (top and k in (*BOOKKEEPING, "deviceId"))}
    if isinstance(value, list):
        return [_comparable(element) for element in value]
    return value


def _squeeze(text):
    return _squeeze_ends(SPACES.sub(" ", text))


def _squeeze_ends(text):
    return re.sub(f"^[{SPACE}]+|[{SPACE}]+$", "", text)
