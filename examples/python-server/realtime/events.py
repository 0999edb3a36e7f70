"""How a stored change is told: RT-018, RT-043, RT-048, and the table of spec/messages.md."""
from rules.canonical_json import Verbatim
from rules.entity_types import ENTRY, OCCURRENCE, PIECE, PLAN
from rules.i_json import parse_i_json
from sync.entities import meta

LIVE = {
    ENTRY: ("ENTRY_CREATED", "ENTRY_UPDATED", "entry"),
    PIECE: ("PIECE_ADDED", "PIECE_UPDATED", "piece"),
    PLAN: ("PLAN_CREATED", "PLAN_UPDATED", "plan"),
}
DELETED = {ENTRY: ("ENTRY_DELETED", "entryId"), PIECE: ("PIECE_REMOVED", "scoreId")}


def event(entity, numbered):
    """The message; numbered: whether its envelope has the seq (RT-023)."""
    message = _body(entity)
    message["meta"] = meta(entity)
    if numbered:
        message["seq"] = entity.seq
    return message


def _body(entity):
    if entity.deleted and entity.type in DELETED:
        name, member = DELETED[entity.type]
        return {"type": name, member: entity.id}
    item = None if entity.deleted else Verbatim(entity.item)
    if item is not None and entity.type in LIVE:
        created, updated, member = LIVE[entity.type]
        return {"type": created if entity.version == 1 else updated, member: item}
    if item is not None and entity.type == OCCURRENCE and _is_completed(entity):
        return {"type": "PLAN_OCCURRENCE_COMPLETED", "occurrence": item}
    return {"type": "ENTITY_CHANGED", "entityType": entity.type, "item": item}


def _is_completed(entity):
    return parse_i_json(entity.item.encode()).get("status") == "completed"
