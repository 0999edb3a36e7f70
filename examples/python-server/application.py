"""What both channels share: the parts of sync/, put together."""
from realtime.hub import Hub
from sync.auth import Auth
from sync.cursors import Cursors
from sync.devices import Devices
from sync.idempotency import Idempotency
from sync.items import Items
from sync.limits import limits_with
from sync.rates import RequestRate
from sync.store import Store


class Application:
    """url: the public address, for discovery; restored: the data is a backup's, so a new epoch begins."""

    def __init__(self, *, database, secret, origins, limits, url, restored=False):
        self.url = url.rstrip("/")
        self.origins = frozenset(origins)
        self.limits = limits_with(limits)
        self.store = Store(database, restored)
        self.auth = Auth(secret, self.origins, self.limits["tokenLeewayMs"])
        self.rate = RequestRate(self.limits)
        self.devices = Devices(self.store, self.limits["deviceWindowMs"])
        self.cursors = Cursors(self.store)
        self.items = Items(self.limits)
        self.idempotency = Idempotency(self.store, self.limits["idempotencyRetentionMs"])
        self.hub = Hub(self.limits)
        self.store.on_untold_change = self.hub.lose_watermarks
