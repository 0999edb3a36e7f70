"""What goes out on a socket: a queue that nobody waits for, and a thread that empties it (RT-039)."""
import socket
import threading
import time
import traceback
from collections import deque

from realtime.frames import close_frame

MOST_UNSENT = 32 << 20  # a peer that reads too slowly is given up here
ENOUGH_UNSENT = 1 << 20  # nothing more is read from a peer while so much waits for it
JOIN_UP_TO = 65536
SEND_AT_ONCE = 262144  # a send returns when all of it is gone, and is_overdue() wants to see it move
STALLED_S = 30.0
CLOSING_S = 4.0


class Outbox:
    def __init__(self):
        self.socket = None
        self.closing = False  # a close frame is on its way, or the socket is gone
        self.dead = False
        self.last_is_queued = False
        self.moved_at = None  # while a send is under way: when some of it last went out
        self.kill_at = None
        self.queue, self.unsent = deque(), 0
        self.changed = threading.Condition()

    def put(self, frame, last=False):
        """Never blocks."""
        with self.changed:
            if self.dead or self.last_is_queued:
                return
            if self.unsent > MOST_UNSENT and not last:
                frame, last = close_frame(1012, "too slow: catch up again"), True  # RT-025
                self.queue.clear()
                self._begin_closing()
            self.queue.append(frame)
            self.unsent += len(frame)
            self.last_is_queued = last
            self.changed.notify_all()

    def close(self, code, reason=""):
        """Sends what waits, then the close frame."""
        self._begin_closing()
        self.put(close_frame(code, reason), last=True)

    def kill(self):
        with self.changed:
            self.dead = self.closing = True
            self.queue.clear()
            self.changed.notify_all()
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def is_overdue(self, now):
        """Whether a close has taken too long, or a send does not move."""
        moved_at = self.moved_at
        closing_overdue = self.kill_at is not None and now > self.kill_at
        return closing_overdue or (moved_at is not None and now - moved_at > STALLED_S)

    def wait_for_room(self):
        """True once little enough waits, False if the socket ends first."""
        with self.changed:
            self.changed.wait_for(lambda: self.unsent <= ENOUGH_UNSENT or self.closing)
            return not self.closing

    def run(self):
        """The thread that sends, until the close frame is out or the socket dead."""
        try:
            while True:
                frames = self._next_frames()
                if frames is None:
                    return
                self._send(frames)
                with self.changed:
                    self.unsent -= len(frames)
                    self.changed.notify_all()
        except OSError:
            self.kill()
        except Exception:
            traceback.print_exc()
            self.kill()
        finally:
            self.moved_at = None

    def _begin_closing(self):
        with self.changed:
            self.closing = True
            if self.kill_at is None:
                self.kill_at = time.monotonic() + CLOSING_S
            self.changed.notify_all()

    def _next_frames(self):
        with self.changed:
            self.changed.wait_for(lambda: self.queue or self.dead or self.last_is_queued)
            if self.dead or not self.queue:
                return None
            frames = bytearray()
            while self.queue and len(frames) < JOIN_UP_TO:
                frames += self.queue.popleft()
            return bytes(frames)

    def _send(self, frames):
        rest = memoryview(frames)
        self.moved_at = time.monotonic()
        while rest:
            rest = rest[self.socket.send(rest[:SEND_AT_ONCE]) :]
            self.moved_at = time.monotonic()
        self.moved_at = None
