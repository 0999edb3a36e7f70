"""A thread that talks HTTP, one request at a time: when it is due, and what becomes of a round that
failed."""

import sqlite3
import threading
import time
from concurrent.futures import Future

from http_calls import NoAnswer, Refused, TokenRefused
from pacing import Backoff
from rules import parse_instant

NEVER = float("inf")


class SyncError(Exception):
    """Why a flush or pull that was asked for did not come to its end."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Line(threading.Thread):
    """There are two, for pushes and for pulls: neither waits for the other, or fails with it."""

    def __init__(self, client, name):
        super().__init__(name=name, daemon=True)
        self.client, self.store, self.outbox = client, client.store, client.outbox
        self.backoff = Backoff(client.second)
        self.changed = threading.Condition()
        self.due_at = 0.0  # of the monotonic clock; at the start at once
        self.asked = []  # a Future for everybody who waits for the next round
        self.was_of_use = self.ended = False

    def work(self, token):
        """A round. @raises NoAnswer, TokenRefused, Refused, sqlite3.Error"""
        raise NotImplementedError

    # Told by others

    def soon(self, after=0):
        """A round is due in so many seconds, or earlier."""
        with self.changed:
            self.due_at = min(self.due_at, time.monotonic() + after * self.client.second)
            self.changed.notify_all()

    def ask(self):
        """A Future that ends with the next round; it does not wait for a back-off."""
        future = Future()
        with self.changed:
            if self.ended:
                raise SyncError("CLOSED", "the client was closed")
            self.asked.append(future)
            self.changed.notify_all()
        return future

    def hurry(self):
        """The network is back, there is a new token, or the user asks."""
        self.backoff.hurry()
        self.soon()

    def end(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    # The thread

    def run(self):
        while True:
            with self.changed:
                while not self.ended and not self.asked and (wait := self._wait()) > 0:
                    self.changed.wait(None if wait == NEVER else wait)
                asked, self.asked = self.asked, []
            error = SyncError("CLOSED", "the client was closed") if self.ended else self._round()
            for future in asked:
                future.set_exception(error) if error else future.set_result(None)
            if self.ended:
                return

    def _wait(self):
        """Seconds until there is something to do."""
        if (
            self.due_at == NEVER
            or self.client.idle_because()
            or self.store.get("autoSync", "always") == "never"
        ):
            return NEVER
        return max(self.due_at, self.backoff.until) - time.monotonic()

    def _round(self):
        """None, or a SyncError where it did not come to its end; it is due again then."""
        if why := self.client.idle_because():
            return SyncError(*why)
        if time.monotonic() < self.backoff.held_until:
            return SyncError("UNREACHABLE", "the server asked for a pause that has not passed yet")
        token, began = self.client.token, time.monotonic()
        self.due_at = NEVER
        try:
            self.work(token)
        except TokenRefused as refused:
            self.due_at = 0.0
            self.client.token_refused(token)
            return SyncError("TOKEN_REFUSED", f"the server refused the token ({refused}): set another one")
        except Refused as refused:
            self.due_at = 0.0
            self.client.stop(str(refused))
            return SyncError(refused.code, str(refused))
        except (NoAnswer, sqlite3.Error) as error:  # a full disk passes, as a broken line does
            self.due_at = 0.0
            self.client.metrics.failed()
            self.backoff.failed(getattr(error, "retry_after", 0))
            self.client.tell_status()
            return SyncError("UNREACHABLE" if isinstance(error, NoAnswer) else "STORAGE", str(error))
        self.client.metrics.succeeded((time.monotonic() - began) * 1000)
        self.client.tell_status()
        return None

    def of_use(self, answer, measured):
        """After each valid answer.

        @param measured: when it was asked and answered, or None, as Http.call() has it
        """
        self.backoff.was_of_use()
        self.was_of_use = True
        if measured:
            with self.store.transaction():
                self.outbox.measure(parse_instant(answer["timestamp"]), *measured)
