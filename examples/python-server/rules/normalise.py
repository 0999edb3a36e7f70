"""What an item becomes before it is judged and stored: NORM-001 to NORM-010, DATA-004, DATA-005.

Three steps: camel_case(), then place_id(), then normalise().
"""
from rules.entity_types import BOOKKEEPING, ENTRY, PIECE, PLAN, TEMPLATE
from rules.score_ids import derive_score_id, is_blank, normalise_score_id

NOT_STORED = ("version", "seq", "checksum", "userId", "clientChangeId")
LOWER_CASE = ("instrument", "type", "mood")
SNAKE_CASE = (
    "goal_ids session_id created_at updated_at deleted_at user_id device_id score_id started_at "
    "last_practiced_at target_tempo current_tempo target_value current_value target_date plan_id"
).split()


def _to_camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


CAMEL_OF = {name: _to_camel(name) for name in SNAKE_CASE}


def _absent(name, value):
    return value is None and name in BOOKKEEPING


def camel_case(sent):
    """A copy in camel case without absent bookkeeping, and under which name each renamed member was sent."""
    item, sent_as = {}, {}
    for name, value in sent.items():
        camel = CAMEL_OF.get(name, name)
        if _absent(camel, value):
            continue
        if camel != name:
            if camel in sent and not _absent(camel, sent[camel]):
                continue
            sent_as[camel] = name
        item[camel] = value
    return item, sent_as


def place_id(entity_type, item, sent_as, fallback=None):
    """Puts the entity's id where it belongs (NORM-006, NORM-007), and returns the name of that member."""
    if entity_type != PIECE:
        if fallback is not None:
            item.setdefault("id", fallback)
        return "id"
    if "scoreId" not in item:
        if "id" in item:
            item["scoreId"] = item.pop("id")
            sent_as["scoreId"] = "id"
        elif fallback is not None:
            item["scoreId"] = fallback
        else:
            _derive_into(item, "scoreId", "title", "composer")
    _normalise_member(item, "scoreId")
    return "scoreId"


def normalise(entity_type, item):
    """Changes the item in place; a second time changes nothing."""
    for name in NOT_STORED:
        item.pop(name, None)
    if entity_type == ENTRY:
        for name in LOWER_CASE:
            if isinstance(item.get(name), str):
                item[name] = item[name].lower()
        if "scoreId" not in item:
            _derive_into(item, "scoreId", "scoreTitle", "scoreComposer")
        _normalise_scores(item, "pieces", "id")
    _normalise_member(item, "scoreId")
    if entity_type in (PLAN, TEMPLATE):
        _normalise_scores(item, "pieceRefs", "scoreId")
    return item


def _derive_into(holder, member, title_member, composer_member):
    title, composer = holder.get(title_member), holder.get(composer_member)
    if isinstance(title, str) and not is_blank(title) and (composer is None or isinstance(composer, str)):
        holder[member] = derive_score_id(title, composer)


def _normalise_member(holder, member):
    if isinstance(holder.get(member), str):
        holder[member] = normalise_score_id(holder[member])


def _normalise_scores(item, list_member, member):
    if not isinstance(item.get(list_member), list):
        return
    item[list_member] = [dict(score) if isinstance(score, dict) else score for score in item[list_member]]
    for score in item[list_member]:
        if isinstance(score, dict):
            if member not in score:
                _derive_into(score, member, "title", "composer")
            else:
                _normalise_member(score, member)
