"""The limits that discovery advertises; spec/limits.md says what each means."""

DEFAULTS = {
    "maxBodyBytes": 1048576,
    "maxItems": 500,
    "maxItemBytes": 262144,
    "maxDepth": 32,
    "maxPageSize": 200,
    "idempotencyRetentionMs": 86400000,
    "clockSkewMs": 300000,
    "tokenLeewayMs": 30000,
    "deviceWindowMs": 2592000000,
    "idleTimeoutMs": 600000,
    "maxConnections": 32,
    "messageBurst": 500,
    "messagesPerSecond": 100,
}
DERIVED = ("legacyMaxBodyBytes", "legacyMaxItems", "maxMessageBytes")
OPTIONAL = ("requestBurst", "requestsPerSecond")
NAMES = (*DEFAULTS, *DERIVED, *OPTIONAL)
MOST_LEEWAY_MS = 60000  # AUTH-004


def limits_with(given):
    """The defaults with what was given. Without requestBurst and requestsPerSecond no rate is limited."""
    limits = DEFAULTS | given
    limits.setdefault("legacyMaxBodyBytes", limits["maxBodyBytes"])
    limits.setdefault("legacyMaxItems", limits["maxItems"])
    # RT-010, and room for an item whose every character is written as an escape
    limits.setdefault("maxMessageBytes", max(524288, 6 * limits["maxItemBytes"] + 65536))
    limits["tokenLeewayMs"] = min(limits["tokenLeewayMs"], MOST_LEEWAY_MS)
    return limits
