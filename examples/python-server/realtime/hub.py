"""The live sockets of all users, and how they are told of what was stored."""
import secrets
import threading
import time
import traceback

from realtime.events import event
from realtime.frames import TEXT, encode_frame
from rules.canonical_json import json_bytes

LOOK_EVERY_S = 0.2
FAREWELL_S = 1.5
MOST_GRACE_S = 50  # AUTH-019: within a minute after its token expired


class Hub:
    def __init__(self, limits):
        self.limits = limits
        self.users, self.leaving, self.lock = {}, set(), threading.Lock()
        threading.Thread(target=self._look_after, daemon=True).start()

    def add(self, connection):
        """False where the user has enough (RT-037)."""
        with self.lock:
            own = self.users.setdefault(connection.user, {})
            if sum(not other.closing for other in own.values()) >= self.limits["maxConnections"]:
                return False
            while connection.id in own:
                connection.id = secrets.token_hex(12)
            own[connection.id] = connection
            return True

    def remove(self, connection):
        """It is told nothing more, but may still be saying good-bye: see forget()."""
        with self.lock:
            self.leaving.add(connection)
            own = self.users.get(connection.user, {})
            own.pop(connection.id, None)
            if not own:
                self.users.pop(connection.user, None)

    def forget(self, connection):
        with self.lock:
            self.leaving.discard(connection)

    def named(self, user, connection_id):
        with self.lock:
            return self.users.get(user, {}).get(connection_id)

    def publish(self, user, changed, own=None):
        """After the commit, while the store's lock is held, so that events keep the log's order (RT-021)."""
        with self.lock:
            connections = list(self.users.get(user, {}).values())
        frames = {}
        for connection in connections:
            if not changed or not connection.is_told or connection.closing or connection.catching_up:
                continue
            numbered = connection.watermark is not None  # RT-023
            if connection is not own:
                if numbered not in frames:
                    frames[numbered] = [_event_frame(entity, numbered) for entity in changed]
                for frame in frames[numbered]:
                    connection.out.put(frame)
            if numbered:
                connection.watermark = changed[-1].seq

    def tell_winners(self, own, writes):
        """RT-003: a deployed peer does not read the item of an acknowledgement."""
        if own.announced is not False or own.closing:
            return
        for state in dict.fromkeys(write.state for write in writes if write.outcome == "superseded"):
            own.out.put(_event_frame(state.stored, False))

    def lose_watermarks(self):
        """RT-025."""
        for connection in self._all():
            connection.close(1012, "the watermark is lost")

    def farewell(self):
        """RT-040: at the end of the server."""
        for connection in self._all():
            connection.close(1012, "the server restarts")
        end = time.monotonic() + FAREWELL_S
        while time.monotonic() < end and self._all():
            time.sleep(0.02)

    def _all(self):
        with self.lock:
            live = [connection for own in self.users.values() for connection in own.values()]
            return [connection for connection in (*live, *self.leaving) if connection.out.socket is not None]

    def _look_after(self):
        while True:
            time.sleep(LOOK_EVERY_S)
            try:
                for connection in self._all():
                    self._end_if_due(connection)
            except Exception:
                traceback.print_exc()

    def _end_if_due(self, connection):
        if connection.out.is_overdue(time.monotonic()):
            connection.out.kill()
        elif connection.closing:
            return
        elif time.time() > connection.expires + min(self.limits["tokenLeewayMs"] / 1000, MOST_GRACE_S):
            connection.close(4401, "token expired")
        elif connection.is_idle(time.monotonic()):
            connection.close(4408, "idle")


def _event_frame(entity, numbered):
    return encode_frame(TEXT, json_bytes(event(entity, numbered)))
