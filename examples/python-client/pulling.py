"""Fetches what is new: from the cursor, or all of it."""

from http_calls import NoAnswer, Refused, check_pull
from line import Line
from outbox import changes_of
from rules import parse_instant

PULL = "/api/sync/pull"
PAGE = 500
OUT_OF_DATE = ("CURSOR_EXPIRED", "CURSOR_MISMATCH")


class Puller(Line):
    def __init__(self, client):
        super().__init__(client, "pull")

    def start_over(self):
        """CLI-014. Durable, in case that the full pull does not come to its end; the outbox stays as it
        is."""
        with self.store.transaction():
            self.store.drop("token", "seq")

    def work(self, token):
        for attempt in (1, 2):
            try:
                if self.store.get("token") is None or not self._delta_pull(token):
                    self._full_pull(token)
                break
            except Refused as refused:
                if refused.code not in OUT_OF_DATE:
                    raise
                if attempt == 2:
                    raise NoAnswer("the cursors of the server's own pages are of no use") from None
                self.start_over()
        self.client.live.pulled()
        self.client.pusher.pulled()
        if not self.client.live.is_live():
            self.soon(30)  # CLI-039

    def _page(self, token, since):
        body = {"limit": PAGE} if since is None else {"limit": PAGE, "since": since}
        answer, measured = self.client.http.call(
            "POST", PULL, token, self.client.json(body), None, check_pull
        )
        self.of_use(answer, measured)
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
                restored = epoch is None and self.store.get("epoch") not in (None, page["epoch"])
                if epoch is None:
                    self.store.begin_epoch(page["epoch"])
                for meta, item in changes_of(page):
                    self.store.apply(meta, item)
                    told.add((meta["entityType"], meta["entityId"]))
                if not page["hasMore"]:
                    self.store.end_full_pull(page["through"], parse_instant(page["timestamp"]), told)
                    self.store.move(page["syncToken"], page.get("lastSeq"))
            self.client.tell_change()
            if restored:
                self.client.live.reconnect()  # what its socket still tells is of the old data
            epoch, since = page["epoch"], page["syncToken"]
            if not page["hasMore"]:
                return
