"""The push's envelope: what it asks, and how its answer is put together (spec/push.md)."""
from rules.canonical_json import Verbatim, canonical_json
from rules.entity_types import COLLECTION_OF, COLLECTIONS
from rules.instants import instant_text
from rules.json_schema import pointer
from sync.entities import meta
from sync.problems import Problem, invalid_request, violation

LONGEST_NAME = 255


def read_push(app, body, sender):
    """The writes of a push's body, in its order; a Problem if the envelope is malformed (PUSH-004)."""
    if not isinstance(body, dict):
        raise invalid_request("", "must be an object")
    if not isinstance(body.get("lastSyncToken"), str | None):
        raise invalid_request("/lastSyncToken", "must be a text")
    changes = body.get("changes")
    if not isinstance(changes, dict):
        raise invalid_request("/changes", "must be an object")
    things = []
    for name, items in changes.items():
        place = pointer("/changes", (name,))
        if len(name) > LONGEST_NAME:
            detail = f"has a name of more than {LONGEST_NAME} characters"
            errors = [violation(place, "INVALID_REQUEST", detail)]
            raise Problem("INVALID_REQUEST", f"A collection {detail}.", errors)
        if items is None:
            continue
        if not isinstance(items, list):
            raise invalid_request(place, "must be a list")
        things += [(f"{place}/{i}", COLLECTIONS.get(name), item) for i, item in enumerate(items)]
    refuse_too_many(things, app.limits, sender)
    return [app.items.read(*thing, sender) for thing in things]


def refuse_too_many(things, limits, sender):
    most = limits["maxItems" if sender.announced else "legacyMaxItems"]
    if len(things) > most:
        raise Problem("TOO_MANY_ITEMS", f"{len(things)} items; at most {most} are taken at once.")


def push_answer(app, user, writes, verdict):
    refused = [write for write in writes if write.code]
    return {
        "success": not refused,
        "syncToken": app.cursors.at_head(user, verdict.head),
        "conflicts": [_conflict(write) for write in refused],
        "stats": _stats(writes),
        "results": [result_of(write) for write in writes],
        "timestamp": instant_text(verdict.now),
        "head": verdict.head,
    }


def result_of(write):
    """One element of `results`, which push, batch and acknowledgements share (PUSH-001)."""
    result = {"pointer": write.pointer, "entityType": write.entity_type, "entityId": write.entity_id}
    if write.code:
        result |= {"outcome": "refused", "code": write.code, "errors": write.errors}
        if write.server_time:
            result["serverTime"] = write.server_time
        return result
    stored = write.state.stored
    result |= {"outcome": write.outcome, "meta": meta(stored)}
    superseded = write.outcome == "superseded"
    if stored.item is not None:
        if superseded or write.deleted or canonical_json(write.sent) != stored.item:
            result["item"] = Verbatim(stored.item)
    elif superseded or not write.deleted or write.has_receipt_stamp:
        result["item"] = None
    return result


def _conflict(write):
    error = write.errors[0]
    return {
        "entityId": write.entity_id,
        "entityType": write.entity_type,
        "reason": f"{error['pointer']} {error['detail']}",
        "code": write.code,
    }


def _stats(writes):
    """PUSH-012."""
    stats = {f"{collection}Processed": 0 for collection in COLLECTIONS}
    for write in writes:
        if not write.code:
            stats[f"{COLLECTION_OF[write.entity_type]}Processed"] += 1
    stats["duplicatesPrevented"] = sum(write.outcome == "duplicate" for write in writes)
    return stats
