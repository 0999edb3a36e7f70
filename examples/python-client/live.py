"""The thread that listens on the WebSocket. It tells the confirmed layer of changes as they happen;
nothing is written on
it: what the user does goes by HTTP. Without it a client only learns of changes later."""

import json
import threading
import time
from urllib.parse import quote

from http_calls import NoAnswer, Refused, TokenRefused, check_change, seconds
from pacing import Backoff
from rules import COLLECTION_OF, TYPE_OF
from websocket import Closed, NotOpened, WebSocket

SILENCE, PATIENCE = 30, 10  # seconds (CLI-040)
STOPPING = (1002, 1003, 1007, 4400, 4403)  # realtime.md, "Close codes"
# Message of one entity: its member with the item, or none for a deletion, which meta names.
ONE_ENTITY = {
    "ENTRY_CREATED": "entry",
    "ENTRY_UPDATED": "entry",
    "ENTRY_DELETED": None,
    "PIECE_ADDED": "piece",
    "PIECE_UPDATED": "piece",
    "PIECE_REMOVED": None,
    "PIECE_DISSOCIATED": None,
    "PLAN_CREATED": "plan",
    "PLAN_UPDATED": "plan",
    "PLAN_OCCURRENCE_COMPLETED": "occurrence",
    "ENTITY_CHANGED": "item",
}
CHUNKS = ("BULK_SYNC", "REPERTOIRE_BULK_SYNC")


class Session:
    """What belongs to one connection, and ends with it."""

    def __init__(self, socket, epoch):
        self.socket = socket
        self.epoch = epoch  # whose data it tells
        self.asked = self.caught_up = False  # SYNC_REQUEST is sent; its end came


class Live(threading.Thread):
    def __init__(self, client):
        super().__init__(name="live", daemon=True)
        self.client, self.store = client, client.store
        self.backoff = Backoff(client.second)
        self.changed = threading.Condition()
        self.session = None  # one at most (CLI-047)
        self.ended = self.stopped = False

    def is_live(self):
        session = self.session
        return session is not None and session.caught_up

    def pulled(self):
        """By HTTP: there is a cursor now, where there was none."""
        if session := self.session:
            self._catch_up(session)

    def reconnect(self):
        if session := self.session:
            session.socket.abort()

    def new_token(self, token):
        """On a live socket, before the old one expires (AUTH-018)."""
        if session := self.session:
            try:
                self._send(session.socket, {"type": "AUTH", "token": token})
            except Closed:
                pass

    def hurry(self):
        self.backoff.hurry()
        with self.changed:
            self.changed.notify_all()

    def end(self):
        self.ended = True
        self.reconnect()
        self.hurry()

    def _wanted(self):
        return not (self.client.idle_because() or self.stopped) and self.client.realtime()

    def run(self):
        while not self.ended:
            with self.changed:
                while not self.ended and not self._wanted():
                    self.changed.wait()
                while (
                    not self.ended and self._wanted() and (wait := self.backoff.until - time.monotonic()) > 0
                ):
                    self.changed.wait(wait)
            if not self.ended and self._wanted():
                self._connect(self.client.token)
                self.client.tell_status()
                if not self.ended:
                    self.client.puller.soon(30)  # CLI-039

    def _connect(self, token):
        address = self.client.socket_address() + f"?userId={quote(self.client.user, safe='')}"
        try:
            socket = WebSocket(
                address,
                {"X-Sync-Protocol": "1"},
                ("mirubato.v1", f"bearer.{token}"),
                self.client.http.timeout,
            )
        except NotOpened as refused:
            self._ask_why(token, seconds(refused.retry_after))
            return
        session = self.session = Session(socket, self.store.get("epoch"))
        self.client.metrics.count("connectionsOpened")
        try:
            if self._wanted():  # it may have been closed while the socket was opening
                self._listen(session)
            socket.close()
            self.backoff.failed()
        except Closed as closed:
            self._closed(session, closed.code, token)
        finally:
            self.session = None
            socket.abort()
            self.client.metrics.count("connectionsLost")

    def _ask_why(self, token, retry_after):
        """CLI-036: an upgrade does not always show why it was refused, status does."""
        try:
            self.client.http.call("GET", "/api/sync/status", token)
            self.backoff.failed(retry_after)
        except TokenRefused:
            self.client.token_refused(token)
        except Refused as refused:
            self.client.stop(str(refused))
        except NoAnswer as none:
            self.backoff.failed(max(retry_after, none.retry_after))

    def _closed(self, session, code, token):
        if self.ended or self.client.idle_because():
            return
        if code == 4401:
            self.client.token_refused(token)
        elif code in STOPPING:
            self.stopped = True  # HTTP goes on
            self.client.tell("stopped", f"the server closed the socket with {code}")
        elif code == 4429:
            self.backoff.failed(30)
        elif code != 4408 or not session.caught_up:
            self.backoff.failed()

    # One connection

    def _listen(self, session):
        socket, second, pinged = session.socket, self.client.second, None
        heard = sent = time.monotonic()
        while self._wanted():
            now = time.monotonic()
            if pinged is not None and now >= pinged + PATIENCE * second:
                return
            if pinged is None and now >= min(heard, sent) + SILENCE * second:
                # Also where only the server speaks: it closes a socket on which the client is silent
                # (RT-036).
                self._send(socket, {"type": "PING"})
                pinged = sent = now
            due = min(heard, sent) + SILENCE * second if pinged is None else pinged + PATIENCE * second
            text = socket.receive(due - now)
            if text is None:
                continue
            heard, pinged = time.monotonic(), None
            if text and not self._message(session, text):
                return

    def _message(self, session, text):
        """Whether the connection is to go on."""
        self.client.metrics.count("messagesReceived")
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            return True
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "WELCOME":
            self._catch_up(session)
            return True
        self.backoff.was_of_use()
        if kind == "ERROR":
            return self._error(session, message)
        if kind == "SYNC_RESPONSE":
            return self._end_of_catch_up(session, message)
        if isinstance(kind, str) and (kind in ONE_ENTITY or kind in CHUNKS):
            return self._changes(session, kind, message)
        return True  # CLI-041

    def _catch_up(self, session):
        """CLI-037, once on each connection, from what is stored. Where nothing is, a pull comes first."""
        with self.store.lock:
            seq, epoch = self.store.get("seq"), self.store.get("epoch")
            if session.asked:
                return
            if ready := seq is not None and self.store.get("token") is not None:
                session.asked, session.epoch = True, epoch
        try:
            if ready:
                self._send(
                    session.socket, {"type": "SYNC_REQUEST", "protocol": "1", "lastSeq": seq, "epoch": epoch}
                )
            else:
                self.client.puller.soon()
        except Closed:
            pass

    def _error(self, session, message):
        code = message.get("code")
        if code == "CURSOR_EXPIRED":
            session.asked = session.caught_up = False
            self.client.puller.start_over()
            self.client.puller.soon()
        elif code == "UNSUPPORTED_VERSION":
            self.stopped = True
            self.client.tell("stopped", f"the server speaks {message.get('supported')} on the socket")
            return False
        elif code not in ("CATCH_UP_RUNNING", "UNKNOWN_MESSAGE", "TOKEN_INVALID", "TOKEN_EXPIRED"):
            return session.caught_up or not session.asked  # else the catch-up will not come: begin anew
        return True

    def _end_of_catch_up(self, session, message):
        if any(name in message for name in ("outcome", "results", "clientChangeId")) or not session.asked:
            return True  # an acknowledgement, of something that this client did not send
        if not isinstance(message.get("lastSeq"), int):
            return True
        with self.store.transaction():
            restored = not {self.store.get("epoch"), message.get("epoch", session.epoch)} <= {session.epoch}
            if not restored:
                self.store.move(seq=message["lastSeq"])
        if restored:
            return self._error(session, {"code": "CURSOR_EXPIRED"})
        session.caught_up = True
        self.client.tell_status()
        return True

    def _changes(self, session, kind, message):
        """Applies what it carries, and moves the cursor in the same transaction (CLI-010, CLI-038)."""
        if not session.asked:
            return (
                True  # the catch-up will bring it, and the server say whether it is of the epoch known here
            )
        try:
            if kind == "ENTITY_CHANGED" and message["entityType"] not in COLLECTION_OF:
                return True
            changes = list(_changes_in(kind, message))
            for meta, item in changes:
                check_change(meta, item)
        except (AttributeError, KeyError, TypeError, ValueError):
            self.client.puller.soon()  # unreadable here; perhaps it is not over HTTP
            return True
        with self.store.transaction():
            if self.store.get("epoch") != session.epoch:
                return False  # this socket tells of data from before a restore
            for meta, item in changes:
                self.store.apply(meta, item)
            if kind in CHUNKS and session.asked and isinstance(message.get("lastSeq"), int):
                self.store.move(seq=message["lastSeq"])
            elif session.caught_up and isinstance(message.get("seq"), int):
                self.store.move(seq=message["seq"])
        self.client.tell_change()
        return True

    def _send(self, socket, message):
        socket.send(json.dumps(message, separators=(",", ":")))
        self.client.metrics.count("messagesSent")


def _changes_in(kind, message):
    """(meta, item) of all entities that a message carries; item is None for a deletion."""
    meta = message["meta"]
    if kind in CHUNKS:
        for collection in (*TYPE_OF, "pieces"):
            yield from zip(meta.get(collection, ()), message.get(collection, ()), strict=True)
        yield from (
            (deleted, None)
            for deleted in message.get("deleted", ())
            if deleted["entityType"] in COLLECTION_OF
        )
        return
    member = ONE_ENTITY[kind]
    if message.get("occurrences") is not None:
        yield meta["plan"], message["plan"]
        yield from zip(meta["occurrences"], message["occurrences"], strict=True)
    else:
        yield meta, None if member is None else message[member]
