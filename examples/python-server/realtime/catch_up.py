"""SYNC_REQUEST: walks the log up to the head at its end, then live events take over without a gap (RT-026).

It runs on the thread that reads the connection, so a second request waits for the first (RT-033).
"""
import traceback

from realtime.events import event
from realtime.frames import SocketGone
from rules.canonical_json import Verbatim
from rules.entity_types import COLLECTION_OF, PIECE
from rules.instants import parse_instant
from sync.entities import COLUMNS, Entity, head_of, meta
from sync.store import now_ms

MOST_IN_CHUNK = 250  # RT-027
MOST_BYTES_IN_CHUNK = 1 << 20  # of items; RT-052
ABOUT_META_BYTES = 300
SEVEN_DAYS_MS = 7 * 86400000


def catch_up(connection, message):
    """Answers the request, page by page."""
    store = connection.app.store
    if message.get("epoch") not in (None, store.epoch):
        connection.tell_error("CURSOR_EXPIRED", "This epoch is over; make a full pull.", message)
        return
    with store.writing:
        head = _head(connection)
        seq = message.get("lastSeq")
        if seq is not None and seq > head:
            if connection.announced:
                text = "lastSeq is ahead of the log; make a full pull."
                connection.tell_error("CURSOR_EXPIRED", text, message)
                return
            seq = None  # RT-031
        connection.catching_up = True  # RT-029: live events wait, for the walk tells what they would
    try:
        _walk(connection, int(seq or 0), _time_filter(message, seq, head))
    except SocketGone:
        raise
    except Exception:
        traceback.print_exc()
        connection.close(1012, "the catch-up failed")
        raise SocketGone from None


def _time_filter(message, seq, head):
    """RT-032: (SQL, its values); what came after the request is told whatever its time."""
    if seq is not None or message.get("lastSyncTime") is None:
        return "", ()
    now, since = now_ms(), parse_instant(message["lastSyncTime"])
    if since is None or since > now:
        since = now - SEVEN_DAYS_MS
    return " AND (seq>? OR received_at>=?)", (head, since)


def _walk(connection, seq, time_filter):
    store, told = connection.app.store, False
    while True:
        page, more = _page(connection, seq, time_filter)
        if not more:
            with store.writing:
                page, more = _page(connection, seq, time_filter)
                if not more:
                    _end(connection, seq, page, told)
                    return
        _tell_page(connection, seq, page, page[-1].seq)
        seq, told = page[-1].seq, True
        connection.wait_for_room()


def _end(connection, seq, page, told):
    head = _head(connection)
    if page:
        _tell_page(connection, seq, page, head)
    text = "Sync complete" if told or page else "No new data to sync"
    epoch = connection.app.store.epoch
    connection.say({"type": "SYNC_RESPONSE", "message": text, "lastSeq": head, "epoch": epoch})
    connection.watermark, connection.catching_up = head, False


def _head(connection):
    with connection.app.store.reading() as database:
        return head_of(database, connection.user)


def _page(connection, seq, time_filter):
    """(entities, whether there may be more)"""
    condition, values = time_filter
    query = f"SELECT {COLUMNS} FROM entities WHERE user=? AND seq>?{condition} ORDER BY seq LIMIT ?"
    page, size = [], 0
    with connection.app.store.reading() as database:
        for row in database.execute(query, (connection.user, seq, *values, MOST_IN_CHUNK)):
            entity = Entity(*row)
            size += len((entity.item or "").encode()) + ABOUT_META_BYTES
            if page and size > MOST_BYTES_IN_CHUNK:
                return page, True
            page.append(entity)
    return page, len(page) == MOST_IN_CHUNK


def _tell_page(connection, seq, page, end):
    """Deletions first (RT-028), then pieces and all others, which have a chunk each."""
    for entity in page:
        if entity.deleted:
            connection.say(event(entity, False))
    live = [entity for entity in page if not entity.deleted]
    pieces = [entity for entity in live if entity.type == PIECE]
    others = [entity for entity in live if entity.type != PIECE]
    if others or not pieces:
        # Not past the first piece, which is not sent yet (RT-027).
        last_seq = max(seq, pieces[0].seq - 1) if pieces else end
        connection.say(_chunk("BULK_SYNC", {"entries": []}, others, last_seq))
    if pieces:
        connection.say(_chunk("REPERTOIRE_BULK_SYNC", {"pieces": []}, pieces, end))


def _chunk(kind, members, entities, last_seq):
    metas = {name: [] for name in members}
    for entity in entities:
        name = "pieces" if entity.type == PIECE else COLLECTION_OF[entity.type]
        members.setdefault(name, []).append(Verbatim(entity.item))
        metas.setdefault(name, []).append(meta(entity))
    return {"type": kind, **members, "meta": metas, "lastSeq": last_seq}
