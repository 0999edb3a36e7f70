"""What a client counts of itself (CLI-044, CLI-045)."""

import threading

from rules import instant_text, now_ms


class Metrics:
    def __init__(self):
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(
            (
                "totalSyncs",
                "successfulSyncs",
                "failedSyncs",
                "conflicts",
                "connectionsOpened",
                "connectionsLost",
                "messagesSent",
                "messagesReceived",
            ),
            0,
        )
        self._latency, self._last = 0.0, None

    def count(self, name, by=1):
        with self._lock:
            self._counts[name] += by

    def succeeded(self, latency_ms):
        with self._lock:
            self._counts["totalSyncs"] += 1
            self._counts["successfulSyncs"] += 1
            self._latency += latency_ms
            self._last = instant_text(now_ms())

    def failed(self):
        self.count("totalSyncs")
        self.count("failedSyncs")

    def settled(self, results):
        self.count("conflicts", sum(result["outcome"] == "superseded" for result in results))

    def report(self, queue_size):
        with self._lock:
            successes = self._counts["successfulSyncs"]
            return {
                **self._counts,
                "averageLatency": self._latency / successes if successes else 0,
                "queueSize": queue_size,
                "lastSyncTime": self._last,
            }

    def health(self):
        with self._lock:
            total = self._counts["totalSyncs"]
            rate = self._counts["successfulSyncs"] / total if total else 1
        return "healthy" if rate > 0.95 else "degraded" if rate > 0.8 else "unhealthy"
