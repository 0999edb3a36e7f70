"""Which devices a user has: distinct X-Device-ID values within deviceWindowMs (STAT-002)."""
import re
import threading

from sync.store import now_ms

VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")
MOST_REMEMBERED = 100000
WRITE_AGAIN_MS = 60000


class Devices:
    """Remembers in memory what it wrote lately, so that a request seldom costs a write of its own."""

    def __init__(self, store, window_ms):
        self.store, self.window_ms = store, window_ms
        self.written, self.lock = {}, threading.Lock()

    def seen(self, user, device):
        if not VISIBLE_ASCII.fullmatch(device):
            return
        now = now_ms()
        with self.lock:
            if len(self.written) > MOST_REMEMBERED:
                self.written.clear()
            last = self.written.get((user, device))
            if last is not None and now - last < min(WRITE_AGAIN_MS, self.window_ms // 20):
                return
            self.written[(user, device)] = now
        try:
            with self.store.changing() as connection:
                connection.execute(
                    "INSERT INTO devices VALUES(?,?,?)"
                    " ON CONFLICT DO UPDATE SET seen_at=max(seen_at, excluded.seen_at)",
                    (user, device, now),
                )
        except BaseException:
            self.written.pop((user, device), None)
            raise

    def count(self, connection, user):
        since = now_ms() - self.window_ms
        query = "SELECT device FROM devices WHERE user=? AND seen_at>=?"
        seen = {device for (device,) in connection.execute(query, (user, since))}
        with self.lock:  # a request may be about to write what it has just marked
            seen |= {device for (of, device), at in self.written.items() if of == user and at >= since}
        return len(seen)
