"""How long a client waits before it tries again."""

import random
import time


class Backoff:
    """Full jitter (CLI-032).

    @param second: how long a second lasts, in seconds; less than 1 in tests
    """

    def __init__(self, second):
        self.second = second
        self.failures = 0
        self.until = 0.0  # of the monotonic clock: before that, nothing is tried
        self.held_until = 0.0  # the same, by the server's wish: not even where the user asks for it

    def failed(self, retry_after=0):
        self.failures += 1
        now = time.monotonic()
        if retry_after:
            self.held_until = max(self.held_until, now + retry_after * self.second)
        self.until = max(now + self.pause(self.failures), self.held_until)  # CLI-034

    def was_of_use(self):
        """CLI-033: an answer that was no refusal to serve, or a frame beyond WELCOME."""
        self.failures, self.until = 0, self.held_until

    def hurry(self):
        """The network is back, or there is a new token: no reason to wait on."""
        self.until = self.held_until

    def pause(self, failures):
        return random.uniform(0, min(30, 2 ** min(failures, 10))) * self.second
