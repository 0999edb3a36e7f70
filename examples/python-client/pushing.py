"""Sends what waits in the outbox, one request after the other: so the writes of an entity go in their
order (CLI-022)."""

import time

from http_calls import Busy, NoAnswer, Refused, check_push
from line import Line
from rules import parse_instant

PUSH = "/api/sync/push"
KEY_IS_NO_GOOD = ("IDEMPOTENCY_KEY_REUSED", "INVALID_IDEMPOTENCY_KEY")


class Pusher(Line):
    def __init__(self, client):
        super().__init__(client, "push")
        self.refusals = {}  # n of a write: how often its refusal sent it back
        self.not_yet = {}  # n of a write: when it may go again
        self.until_pulled = set()  # n of a write that waits for a pull (CLI-031)

    def written(self, entity_type):
        """CLI-026: an entry goes within 100 ms, and takes along what else waits."""
        self.soon(0.05 if entity_type == "logbook_entry" else 5)

    def work(self, token):
        sent, new_keys = False, 0
        while request := self._next():
            key, body = request
            epoch, sent = self.store.get("epoch"), True
            try:
                answer, measured = self.client.http.call("POST", PUSH, token, body, key, check_push)
            except Refused as refused:
                self._refused(key, refused)
                new_keys += refused.code in KEY_IS_NO_GOOD
                if new_keys > 3:
                    raise Busy("the server says that each new key was used before", 0) from None
                continue
            self.of_use(answer, measured)
            with self.store.transaction():
                # Whether the answer still counts, and what it says, is one question (CLI-050).
                if epoch is not None and self.store.get("epoch") != epoch:
                    raise NoAnswer("the server's data was exchanged while the answer was under way")
                again = self.outbox.settle(key, answer["results"])
            self._hold_back(again)
            self.client.metrics.settled(answer["results"])
            self.client.tell_change()
        if self.not_yet:
            self.due_at = min(self.due_at, *self.not_yet.values())
        if sent and not self.client.live.is_live():
            self.client.puller.soon()  # CLI-039

    def _next(self):
        now = time.monotonic()
        self.not_yet = {n: until for n, until in self.not_yet.items() if until > now}
        return self.outbox.freeze(but={*self.not_yet, *self.until_pulled})

    def _refused(self, key, refused):
        """A push that was refused as a whole was judged: its key is never used again (CLI-009)."""
        if refused.code in KEY_IS_NO_GOOD:
            self.outbox.thaw(key)
        elif refused.status in (400, 413, 422) and refused.code != "UNSUPPORTED_VERSION":
            self.outbox.split(key, refused.code, refused.detail)
            self.client.tell_change()
        else:
            self.outbox.thaw(key)
            raise refused

    def _hold_back(self, again):
        """Items that were refused, and are to go again: at once with a new stamp, else after a pause of
        their own."""
        for row, result in again:
            n = row["n"]
            self.refusals[n] = self.refusals.get(n, 0) + 1
            if result["code"] != "CLOCK_SKEW" or self.refusals[n] > 1:
                self.not_yet[n] = time.monotonic() + self.backoff.pause(self.refusals[n])
            rewound = result["code"] == "CLOCK_SKEW" and parse_instant(
                result["serverTime"]
            ) < self.store.get("pulledAt", 0)
            if rewound:  # CLI-053
                with self.store.transaction():
                    self.store.drop("token")
            if rewound or result["code"] == "VERSION_CONFLICT":
                self.until_pulled.add(n)
                self.client.puller.soon()

    def pulled(self):
        if self.until_pulled:
            self.until_pulled = set()
            self.soon()
