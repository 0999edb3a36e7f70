"""A Mirubato Sync client: what an app calls. See README.md beside this file."""

import base64
import json
import re
import uuid

from http_calls import Http
from line import SyncError
from live import Live
from metrics import Metrics
from outbox import NotThere, Outbox
from pulling import Puller
from pushing import Pusher
from rules import COLLECTION_OF
from store import Store

SETTINGS = {
    "realtime": (True, False),
    "autoSync": ("never", "wifi-only", "always"),
    "notifications": ("all", "important", "none"),
}
REQUEST_TIMEOUT = 30  # seconds
SHORTEST_TIMEOUT = 2  # seconds, however short `second` is: a busy machine has to answer within


class Client:
    """One user on one device. All calls may come from any thread.

    Writing and reading never waits for the network, and works without it. flush() and pull() wait, and
    raise SyncError.

    @param url: of the server, without a trailing slash
    @param storage: a folder for this device's data
    @param realtime: whether it opens a socket, until configure() says otherwise
    @param tell: called as tell(event, detail), from any thread, with "status", "change", "token-needed" or
    "stopped"
    @param second: how long a second of the client's own waiting lasts, in seconds; less than 1 in tests
    """

    def __init__(self, url, user, token, storage, realtime=True, second=1.0, tell=lambda event, detail: None):
        self.url, self.user, self.second, self.tell = url.rstrip("/"), user, second, tell
        self.store = Store(storage, user)
        with self.store.transaction():
            device_id = self.store.get("deviceId") or str(uuid.uuid4())
            self.store.put("deviceId", device_id)
        self.outbox, self.metrics = Outbox(self.store), Metrics()
        self.http = Http(
            self.url, device_id, max(REQUEST_TIMEOUT * second, SHORTEST_TIMEOUT), self.idle_because
        )
        self.token = None
        self._realtime, self._offline, self._closed = realtime, False, False
        self._stopped = None  # why, where the server can't be talked to as it is
        self._was_connected = False
        self._status = None
        self._set_token(token)
        self.live, self.pusher, self.puller = Live(self), Pusher(self), Puller(self)
        self._threads = (self.pusher, self.puller, self.live)
        for thread in self._threads:
            thread.start()

    # What the user does

    def create(self, entity_type, item):
        """Returns the entity's id. It is kept durably when this returns, and sent soon."""
        entity_id = self.outbox.write(_known(entity_type), item)
        self._written(entity_type)
        return entity_id

    def update(self, entity_type, entity_id, patch):
        self.outbox.write(_known(entity_type), patch, entity_id)
        self._written(entity_type)

    def delete(self, entity_type, entity_id):
        self.outbox.delete(_known(entity_type), entity_id)
        self._written(entity_type)

    def list(self, entity_type):
        return self.outbox.list(_known(entity_type))

    def get(self, entity_type, entity_id):
        """None: there is none."""
        return self.outbox.visible(_known(entity_type), self.outbox.current_id(entity_type, entity_id))

    def pending(self):
        """[(type, id)] of what is not acknowledged yet."""
        return self.outbox.pending()

    def dead_letters(self):
        """[{type, id, code, detail}] of what the server refused for good; what the user sees still has it."""
        return [
            {name: row[name] for name in ("type", "id", "code", "detail")}
            for row in self.outbox.dead_letters()
        ]

    def retry(self, entity_type, entity_id):
        self.outbox.retry(_known(entity_type), entity_id)
        self._written("logbook_entry")

    def discard(self, entity_type, entity_id):
        self.outbox.discard(_known(entity_type), entity_id)
        self.tell_change()

    # Talking to the server

    def flush(self, timeout=None):
        """Sends what waits. @raises SyncError: it still waits"""
        self.pusher.ask().result(timeout)

    def pull(self, timeout=None):
        self.puller.ask().result(timeout)

    def connect(self):
        """Tries at once, also after a stop. However often it is called, there is one connection (CLI-047)."""
        self._stopped, self.live.stopped = None, False
        self._hurry()

    def set_token(self, token):
        """@raises ValueError: it is another user's"""
        self._set_token(token)
        self.live.new_token(token)
        self._hurry()

    def go_offline(self):
        self._offline = True
        self._end_calls()

    def go_online(self):
        self._offline = False
        self._hurry()

    def sign_out(self):
        """Nothing is sent any more. What waits stays in the user's own file, for when they come back."""
        self.token = None
        self._end_calls()

    def close(self):
        """Ends every timer, thread and connection; what waits is kept (CLI-047)."""
        if self._closed:
            return
        self._closed = True
        for thread in self._threads:
            thread.end()
        self.http.abort()
        for thread in self._threads:
            thread.join()
        self.store.close()

    def status(self):
        """CLI-043. Without a socket: how the last request went."""
        if self.idle_because() or self.store.get("autoSync") == "never":
            return "disconnected"
        up = self.live.is_live() if self.realtime() and not self.live.stopped else self._http_is_up()
        self._was_connected = self._was_connected or up
        return "connected" if up else "reconnecting" if self._was_connected else "connecting"

    def report(self):
        return {
            "metrics": self.metrics.report(len(self.pending())),
            "health": self.metrics.health(),
            "settings": self.settings(),
        }

    def settings(self):
        return {
            "realtime": self.realtime(),
            "autoSync": self.store.get("autoSync", "always"),
            "notifications": self.store.get("notifications", "all"),
        }

    def configure(self, settings):
        """CLI-046. This device can't tell which network it is on, so wifi-only is always; notifications
        are the app's."""
        for name, value in settings.items():
            if name not in SETTINGS:
                raise ValueError(f"there is no setting {name}; there are {', '.join(SETTINGS)}")
            if not any(value is one or (isinstance(one, str) and value == one) for one in SETTINGS[name]):
                raise ValueError(f"{name} is {json.dumps(value)}; give one of {json.dumps(SETTINGS[name])}")
        with self.store.transaction():
            for name, value in settings.items():
                self.store.put(name, value)
        if not self.realtime():
            self.live.reconnect()
        self._hurry()

    # For the threads

    def idle_because(self):
        """(code, text): why nothing is to be sent, or None."""
        if self._closed:
            return "CLOSED", "the client was closed"
        if self._offline:
            return "OFFLINE", "the device is offline"
        if self.token is None:
            return "NO_TOKEN", "there is no token that the server takes: set one"
        return ("STOPPED", self._stopped) if self._stopped else None

    def realtime(self):
        return self.store.get("realtime", self._realtime)

    def socket_address(self):
        return re.sub("^http", "ws", self.url) + "/sync/ws"

    def token_refused(self, token):
        """CLI-035: no more with this one. There may be another by now."""
        if self.token == token:
            self.token = None
            self.live.reconnect()
            self.tell("token-needed", None)
            self.tell_status()

    def stop(self, why):
        self._stopped = why
        self.live.reconnect()
        self.tell("stopped", why)
        self.tell_status()

    def tell_change(self):
        self.tell("change", None)

    def tell_status(self):
        if self._closed:
            return
        status = self.status()
        if status != self._status:
            self._status = status
            self.tell("status", status)

    @staticmethod
    def json(value):
        return json.dumps(value).encode()

    def _http_is_up(self):
        return (
            self.puller.was_of_use and not self.puller.backoff.failures and not self.pusher.backoff.failures
        )

    def _written(self, entity_type):
        self.pusher.written(entity_type)
        self.tell_change()

    def _set_token(self, token):
        subject = _subject(token)
        if subject is not None and subject != self.user:
            raise ValueError(f"the token is for {subject}, and this is {self.user}'s data")  # CLI-049
        self.token = token

    def _hurry(self):
        for thread in self._threads:
            thread.hurry()
        self.tell_status()

    def _end_calls(self):
        self.http.abort()
        self.live.reconnect()
        self.tell_status()


def _known(entity_type):
    if entity_type not in COLLECTION_OF:
        raise ValueError(f"there is no type {entity_type}; there are {', '.join(COLLECTION_OF)}")
    return entity_type


def _subject(token):
    """Whom a token says that it is for; None where it does not say so in a readable way: the server will
    judge it."""
    try:
        payload = token.split(".")[1]
        subject = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    return subject if isinstance(subject, str) else None


__all__ = ["Client", "NotThere", "SyncError"]
