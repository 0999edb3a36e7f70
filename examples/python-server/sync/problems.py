"""Errors: a request's as application/problem+json (spec/errors.md), an item's as a refusal."""

PROBLEMS = {
    "INVALID_JSON": (400, "Body is not acceptable JSON"),
    "INVALID_REQUEST": (400, "Request does not fit"),
    "INVALID_IDEMPOTENCY_KEY": (400, "Idempotency key unusable"),
    "UNSUPPORTED_VERSION": (400, "Unknown protocol version"),
    "CURSOR_MISMATCH": (400, "Cursor made for other types"),
    "TOKEN_MISSING": (401, "Please authenticate"),
    "TOKEN_INVALID": (401, "Token rejected"),
    "TOKEN_EXPIRED": (401, "Token is too old"),
    "FORBIDDEN": (403, "Not permitted"),
    "NOT_FOUND": (404, "No such path"),
    "METHOD_NOT_ALLOWED": (405, "Wrong method"),
    "IDEMPOTENCY_IN_FLIGHT": (409, "Same request still running"),
    "CURSOR_EXPIRED": (410, "Cursor not usable"),
    "BODY_TOO_LARGE": (413, "Body too big"),
    "TOO_MANY_ITEMS": (413, "Too many items at once"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Only application/json"),
    "IDEMPOTENCY_KEY_REUSED": (422, "Key names another request"),
    "UPGRADE_REQUIRED": (426, "Only WebSocket upgrades"),
    "RATE_LIMITED": (429, "Slow down"),
    "INTERNAL": (500, "Server fault"),
    "UNAVAILABLE": (503, "Store not available"),
}
MOST_ERRORS = 20


class Problem(Exception):
    """A request, or a message of a socket, that is refused as a whole."""

    def __init__(self, code, detail, errors=None, headers=None, **extra):
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.extra = extra
        self.status, self.title = PROBLEMS[code]

    def body(self):
        """RFC 9457, and `error`, which deployed peers read."""
        body = {
            "type": "https://mirubato.com/problems/" + self.code.lower().replace("_", "-"),
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "error": self.title,
        }
        if self.errors:
            body["errors"] = self.errors[:MOST_ERRORS]
        return body | self.extra


def violation(pointer, code, detail):
    """One element of `errors`."""
    return {"pointer": pointer, "code": code, "detail": detail}


def invalid_request(pointer, detail):
    """The Problem of one member that does not fit."""
    subject = pointer or "the body"
    return Problem("INVALID_REQUEST", f"{subject} {detail}", [violation(pointer, "INVALID_REQUEST", detail)])


class Refusal(Exception):
    """One item that is refused, the others being judged as usual (PUSH-002)."""

    def __init__(self, code, errors):
        super().__init__(code)
        self.code, self.errors = code, errors


def refusal(code, pointer, detail):
    """The Refusal of an item for one thing in it."""
    return Refusal(code, [violation(pointer, code, detail)])
