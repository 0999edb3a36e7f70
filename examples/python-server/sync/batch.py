"""The batch: a push whose items have ids, versions and checksums around them (spec/batch.md)."""
from rules.canonical_json import Verbatim
from rules.entity_types import COLLECTION_OF, PIECE
from rules.instants import instant_text
from rules.score_ids import normalise_score_id
from sync.items import Write, identify, is_entity_id
from sync.problems import Refusal, invalid_request, refusal
from sync.push import refuse_too_many, result_of


def read_batch(app, body, sender):
    """The writes of a batch's body, in its order; a Problem if the envelope is malformed (BATCH-011)."""
    if not isinstance(body, dict):
        raise invalid_request("", "must be an object")
    if not isinstance(body.get("syncToken"), str | None):
        raise invalid_request("/syncToken", "must be a text")
    elements = body.get("entities")
    if not isinstance(elements, list):
        raise invalid_request("/entities", "must be a list")
    refuse_too_many(elements, app.limits, sender)
    return [_read(app, f"/entities/{i}", element, sender) for i, element in enumerate(elements)]


def _read(app, place, element, sender):
    write = Write(place, f"{place}/data")
    try:
        _read_element(write, element)
        _read_precondition(write, element, sender)
        app.items.complete(write, sender)
        if sender.announced and element.get("checksum") not in (None, write.checksum):
            raise refusal("CHECKSUM_MISMATCH", f"{place}/checksum", "is not the checksum of data")
    except Refusal as refused:
        write.refuse(refused.code, refused.errors)
    return write


def _read_element(write, element):
    """Type, data and id: BATCH-007, BATCH-008, BATCH-011, BATCH-012."""
    place = write.pointer
    if not isinstance(element, dict):
        raise refusal("INVALID_ITEM", place, "must be an object")
    entity_id, entity_type = element.get("id"), element.get("type")
    if is_entity_id(entity_id):
        write.entity_id = entity_id
    if entity_type is None:
        raise refusal("INCOMPLETE", f"{place}/type", "is required")
    if not isinstance(entity_type, str) or entity_type not in COLLECTION_OF:
        raise refusal("UNKNOWN_COLLECTION", f"{place}/type", "is not known here")
    write.entity_type = entity_type
    if element.get("data") is None:
        raise refusal("INCOMPLETE", f"{place}/data", "is required")
    if not isinstance(element["data"], dict):
        raise refusal("INVALID_ITEM", f"{place}/data", "must be an object")
    if entity_id is not None:
        if write.entity_id is None:
            raise refusal("INVALID_ITEM", f"{place}/id", "must be a text of 1 to 255 characters")
        if entity_type == PIECE:
            entity_id = normalise_score_id(entity_id)
    identify(write, entity_type, element["data"], entity_id)
    if entity_id not in (None, write.entity_id):
        raise refusal("INVALID_ITEM", f"{place}/id", "names another entity than data")


def _read_precondition(write, element, sender):
    """BATCH-006, and the form of the checksum, which counts for announced peers only (BATCH-009)."""
    version, place = element.get("version"), write.pointer
    if version is not None:
        is_number = isinstance(version, (int, float)) and not isinstance(version, bool)
        if not is_number or version != int(version) or version < 0:
            raise refusal("INVALID_ITEM", f"{place}/version", "must be an integer of at least 0")
        write.version = int(version)
    if sender.announced and not isinstance(element.get("checksum"), str | None):
        raise refusal("INVALID_ITEM", f"{place}/checksum", "must be a text")


def batch_answer(app, user, writes, verdict):
    """BATCH-010."""
    conflicts = [_conflict(write) for write in writes if write.version_conflict]
    return {
        "success": not any(write.code for write in writes),
        "uploaded": sum(write.outcome == "applied" for write in writes),
        "downloaded": sum(conflict["server"] is not None for conflict in conflicts),
        "conflicts": conflicts,
        "newSyncToken": app.cursors.at_head(user, verdict.head),
        "results": [result_of(write) for write in writes],
        "timestamp": instant_text(verdict.now),
        "head": verdict.head,
    }


def _conflict(write):
    """BATCH-002, BATCH-003."""
    stored = write.version_conflict
    return {
        "entityId": write.entity_id,
        "entityType": write.entity_type,
        "localVersion": write.version,
        "remoteVersion": stored.version,
        "server": None if stored.item is None else Verbatim(stored.item),
    }
