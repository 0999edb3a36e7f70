"""The pull: full or delta, in pages, each of them a snapshot of the log (spec/pull.md, spec/delta.md)."""
from rules.canonical_json import Verbatim
from rules.entity_types import COLLECTION_OF, COLLECTIONS, ENTITY_TYPES
from rules.instants import instant_text
from sync.cursors import ALL_TYPES, Cursor, expired
from sync.entities import COLUMNS, Entity, head_of, meta
from sync.problems import Problem, invalid_request, violation
from sync.store import now_ms


def pull(app, user, body):
    """The answer to one page's request."""
    since, limit, types = _read(body, app.limits["maxPageSize"])
    cursor = None if since is None else app.cursors.read(user, since)
    with app.store.reading() as connection:
        head = head_of(connection, user)
        now = now_ms()
        if cursor is None:
            cursor = Cursor(types, 0, walk=head)
        elif cursor.seq > head:
            raise expired("This cursor is ahead of the log; make a full pull.")
        elif cursor.types != types:
            raise Problem("CURSOR_MISMATCH", "The cursor was made for other types; make a full pull.")
        found = _page(connection, user, cursor, limit, now)
    more = limit is not None and len(found) > limit
    page = found[:limit] if more else found
    following = Cursor(types, page[-1].seq, cursor.walk) if more else Cursor(types, head)
    answer = _entities(page)
    answer["mode"] = "delta" if cursor.walk is None else "full"
    answer["syncToken"] = app.cursors.text(user, following)
    answer["epoch"] = app.store.epoch
    if not more and body.get("types") is None:  # PULL-015
        answer["lastSeq"] = head
    if not more and cursor.walk is not None:
        answer["through"] = head
    return answer | {"hasMore": more, "timestamp": instant_text(now), "pageSize": len(page)}


def _read(body, most):
    """since, limit and types (bits) of a request; PULL-020, PULL-021."""
    if not isinstance(body, dict):
        raise invalid_request("", "must be an object")
    errors = []
    since, limit, names = body.get("since"), body.get("limit"), body.get("types")

    def wrong(pointer, detail):
        errors.append(violation(pointer, "INVALID_REQUEST", detail))

    if not isinstance(since, str | None):
        wrong("/since", "must be a text")
    if limit is not None:
        is_number = isinstance(limit, (int, float)) and not isinstance(limit, bool)
        if is_number and limit == int(limit) and limit >= 1:
            limit = int(min(limit, most))
        else:
            wrong("/limit", "must be an integer of at least 1")
    types = ALL_TYPES if names is None else 0
    if names is not None and (not isinstance(names, list) or not names):
        wrong("/types", "must be a non-empty list of entity types")
    elif names is not None:
        for index, name in enumerate(names):
            if name in ENTITY_TYPES:
                types |= 1 << ENTITY_TYPES.index(name)
            else:
                wrong(f"/types/{index}", "must be a known entity type")
    if errors:
        detail = "; ".join(f"{error['pointer']} {error['detail']}" for error in errors[:20])
        raise Problem("INVALID_REQUEST", detail, errors)
    return since, limit, types


def _page(connection, user, cursor, limit, now):
    """Up to limit + 1 entities after the cursor, in seq order."""
    query = f"SELECT {COLUMNS} FROM entities WHERE user=? AND seq>?"
    values = [user, cursor.seq]
    if cursor.types != ALL_TYPES:
        names = [name for bit, name in enumerate(ENTITY_TYPES) if cursor.types >> bit & 1]
        query += f" AND type IN ({','.join('?' * len(names))})"
        values += names
    if cursor.walk is not None:
        # A deletion counts where it happened during the walk, or lies ahead of this page's timestamp.
        query += " AND (deleted=0 OR seq>? OR updated_at>?)"
        values += [cursor.walk, now]
    query += " ORDER BY seq"
    if limit is not None:
        query += " LIMIT ?"
        values.append(limit + 1)
    return [Entity(*row) for row in connection.execute(query, values)]


def _entities(page):
    """Items by collection, deletions, and their meta in the same order."""
    answer = {collection: [] for collection in COLLECTIONS}
    answer["deleted"] = []
    answer["meta"] = {collection: [] for collection in COLLECTIONS}
    for entity in page:
        if entity.deleted:
            answer["deleted"].append(meta(entity))
        else:
            collection = COLLECTION_OF[entity.type]
            answer[collection].append(Verbatim(entity.item))
            answer["meta"][collection].append(meta(entity))
    return answer
