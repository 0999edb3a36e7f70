"""The rate of a user's requests: a bucket that fills by requestsPerSecond up to requestBurst (LIM-006)."""
import math
import threading
import time

from sync.problems import Problem

MOST_USERS = 100000  # beyond it all are forgotten, which only lets more pass


class RequestRate:
    def __init__(self, limits):
        self.burst = limits.get("requestBurst")
        self.per_second = limits.get("requestsPerSecond")
        self.buckets, self.lock = {}, threading.Lock()

    def spend(self, user):
        """Takes one request from the user's bucket, or raises RATE_LIMITED with Retry-After."""
        if self.burst is None or self.per_second is None:
            return
        with self.lock:
            if len(self.buckets) > MOST_USERS:
                self.buckets.clear()
            now = time.monotonic()
            burst = max(1, self.burst)
            left, at = self.buckets.get(user, (burst, now))
            left = min(burst, left + (now - at) * self.per_second)
            enough = left >= 1
            self.buckets[user] = (left - 1 if enough else left, now)
        if not enough:
            wait = max(1, math.ceil((1 - left) / self.per_second))
            detail = "More requests than this server allows."
            raise Problem("RATE_LIMITED", detail, headers={"Retry-After": str(wait)})
