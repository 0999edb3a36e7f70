"""The thread that talks HTTP: it sends what waits and pulls what is new, one request at a time. So nothing that it applies
can be overtaken by an older answer of its own, and the writes of an entity go in their order (CLI-022)."""
import sqlite3
import threading
import time
from concurrent.futures import Future

from http_calls import Busy, NoAnswer, Refused, TokenRefused, check_pull, check_push, parse_time
from outbox import changes_of
from pacing import Backoff

PUSH, PULL = "/api/sync/push", "/api/sync/pull"
PAGE = 500
NEVER = float("inf")


class SyncError(Exception):
    """Why a flush or pull that was asked for did not come to its end."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class SyncLoop(threading.Thread):
    def __init__(self, client):
        super().__init__(name="sync", daemon=True)
        self.client, self.store, self.outbox = client, client.store, client.outbox
        self.backoff = Backoff(client.second)
        self.changed = threading.Condition()
        self.flush_at = self.pull_at = 0.0  # of the monotonic clock; at the start at once
        self.asked = []  # (may flush, Future) of every flush and pull that the app waits for
        self.refusals = {}  # n of a write: how often its refusal sent it back
        self.not_yet = {}  # n of a write: when it may go again
        self.has_been_of_use = self.ended = False

    # Told by the others

    def written(self, entity_type):
        """CLI-026: an entry goes within 100 ms, and takes along what else waits."""
        self._due("flush_at", 0.05 if entity_type == "logbook_entry" else 5)

    def pull_soon(self, after=0):
        self._due("pull_at", after)

    def full_pull_needed(self):
        """CLI-014. Durable, in case that the full pull does not come to its end; the outbox stays as it is."""
        with self.store.transaction():
            self.store.drop("token", "seq")

    def ask(self, flush):
        """A Future that ends with the next round."""
        future = Future()
        with self.changed:
            if self.ended:
                raise SyncError("CLOSED", "the client was closed")
            self.asked.append((flush, future))
            self.changed.notify_all()
        return future

    def poke(self):
        with self.changed:
            self.changed.notify_all()

    def end(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _due(self, name, after):
        with self.changed:
            setattr(self, name, min(getattr(self, name), time.monotonic() + after * self.client.second))
            self.changed.notify_all()

    # The thread

    def run(self):
        while True:
            with self.changed:
                while not self.ended and not self.asked and (wait := self._wait()) > 0:
                    self.changed.wait(None if wait == NEVER else wait)
                asked, self.asked = self.asked, []
                now = time.monotonic()
                by_hand = bool(asked)
                flush = any(f for f, _ in asked) or (not by_hand and self.flush_at <= now)
                pull = not flush and (by_hand or self.pull_at <= now)
            error = SyncError("CLOSED", "the client was closed") if self.ended else self._round(flush, pull)
            for _, future in asked:
                future.set_exception(error) if error else future.set_result(None)
            if self.ended:
                return

    def _wait(self):
        """Seconds until there is something to do."""
        if self.client.idle_because() or self.store.get("autoSync", "always") == "never":
            return NEVER
        due = min(self.flush_at, self.pull_at)
        return NEVER if due == NEVER else max(due, self.backoff.until) - time.monotonic()

    def _round(self, flush, pull):
        """What is due, and what became of it: None, or a SyncError."""
        why = self.client.idle_because()
        if why:
            return SyncError(*why)
        if time.monotonic() < self.backoff.held_until:
            return SyncError("UNREACHABLE", "the server asked for a pause that has not passed yet")
        token, started = self.client.token, time.monotonic()
        try:
            if flush:
                self.flush_at = NEVER
                sent = self._flush(token)
                pull = (sent and not self.client.live.is_live()) or self.pull_at <= time.monotonic()
            if pull:
                self.pull_at = NEVER
                self._pull(token)
        except TokenRefused as refused:
            self._again(flush)
            self.client.token_refused(token)
            return SyncError("TOKEN_REFUSED", f"the server refused the token ({refused}): set another one")
        except Refused as refused:
            self._again(flush)
            self.client.stop(str(refused))
            return SyncError(refused.code, str(refused))
        except (NoAnswer, sqlite3.Error) as error:  # a full disk passes, as a broken line does
            self._again(flush)
            self.client.metrics.failed()
            self.backoff.failed(getattr(error, "retry_after", 0))
            self.client.tell_status()
            return SyncError("UNREACHABLE" if isinstance(error, NoAnswer) else "STORAGE", str(error))
        self.client.metrics.succeeded((time.monotonic() - started) * 1000)
        if not self.client.live.is_live():
            self.pull_soon(30)  # CLI-039
        self.client.tell_status()
        return None

    def _again(self, flush):
        if flush:
            self.flush_at = 0.0
        self.pull_at = 0.0

    # Flushing

    def _flush(self, token):
        """Everything that may go. Whether anything went."""
        sent, odd = False, 0
        while True:
            now = time.monotonic()
            self.not_yet = {n: until for n, until in self.not_yet.items() if until > now}
            request = self.outbox.freeze(but=self.not_yet)
            if request is None:
                break
            key, body = request
            sent = True
            try:
                answer, measured = self.client.http.call("POST", PUSH, token, body, key, check_push)
            except Refused as refused:
                odd += refused.code in ("IDEMPOTENCY_KEY_REUSED", "INVALID_IDEMPOTENCY_KEY")
                self._refused(key, refused)
                if odd > 3:
                    raise Busy("the server says that each new key was used before", 0) from None
                continue
            self._of_use(answer, measured)
            self._hold_back(self.outbox.settle(key, answer["results"]))
            self.client.metrics.settled(answer["results"])
            self.client.tell_change()
        if self.not_yet:
            self.flush_at = min(self.flush_at, *self.not_yet.values())
        return sent

    def _refused(self, key, refused):
        """A push that was refused as a whole was judged: its key is never used again (CLI-009)."""
        if refused.code in ("IDEMPOTENCY_KEY_REUSED", "INVALID_IDEMPOTENCY_KEY"):
            self.outbox.thaw(key)
        elif refused.status in (400, 413, 422) and refused.code != "UNSUPPORTED_VERSION":
            self.outbox.split(key, refused.code, refused.detail)
            self.client.tell_change()
        else:
            self.outbox.thaw(key)
            raise refused

    def _hold_back(self, again):
        """Items that were refused, and are to go again: at once with a new stamp, else after a pause of their own."""
        for row, result in again:
            n = row["n"]
            self.refusals[n] = self.refusals.get(n, 0) + 1
            if result["code"] != "CLOCK_SKEW" or self.refusals[n] > 1:
                self.not_yet[n] = time.monotonic() + self.backoff.pause(self.refusals[n])

    # Pulling

    def _pull(self, token):
        for attempt in (1, 2):
            try:
                if self.store.get("token") is None or not self._delta_pull(token):
                    self._full_pull(token)
            except Refused as refused:
                if refused.code not in ("CURSOR_EXPIRED", "CURSOR_MISMATCH"):
                    raise
                if attempt == 2:
                    raise NoAnswer("the cursors of the server's own pages are of no use") from None
                self.full_pull_needed()
            else:
                break
        self.client.live.pulled()

    def _page(self, token, since):
        body = {"limit": PAGE} if since is None else {"limit": PAGE, "since": since}
        answer, measured = self.client.http.call("POST", PULL, token, self.client.json(body), None, check_pull)
        self._of_use(answer, measured)
        return answer

    def _delta_pull(self, token):
        """Whether it came to its end; False: the server's data is not that of the cursor any more."""
        while True:
            page = self._page(token, self.store.get("token"))
            if page["mode"] != "delta" or page["epoch"] != self.store.get("epoch"):
                return False
            with self.store.transaction():
                for meta, item in changes_of(page):
                    self.store.apply(meta, item)
                self.store.move(page["syncToken"], page.get("lastSeq"))
            self.client.tell_change()
            if not page["hasMore"]:
                return True

    def _full_pull(self, token):
        """The tokens of its pages live in this call only: one that is interrupted starts over (CLI-011)."""
        since, told, epoch = None, set(), None
        while True:
            page = self._page(token, since)
            if page["mode"] != "full" or page["epoch"] != (epoch or page["epoch"]):
                raise NoAnswer("the server's data was exchanged during a full pull")
            with self.store.transaction():
                if epoch is None:
                    restored = self.store.get("epoch") not in (None, page["epoch"])
                    self.store.begin_epoch(page["epoch"])
                for meta, item in changes_of(page):
                    self.store.apply(meta, item)
                    told.add((meta["entityType"], meta["entityId"]))
                if not page["hasMore"]:
                    self.store.end_full_pull(page["through"], parse_time(page), told)
                    self.store.move(page["syncToken"], page.get("lastSeq"))
            self.client.tell_change()
            if epoch is None and restored:
                self.client.live.reconnect()  # what its socket still tells is of the old data
            epoch, since = page["epoch"], page["syncToken"]
            if not page["hasMore"]:
                return

    def _of_use(self, answer, measured):
        self.backoff.was_of_use()
        self.has_been_of_use = True
        if measured:
            with self.store.transaction():
                self.outbox.measure(parse_time(answer), *measured)
