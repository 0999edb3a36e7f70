"""The HTTP calls: what each takes and answers, judged in the order of spec/http.md."""
import re
from typing import NamedTuple

from realtime.upgrade import upgrade_required
from rules.canonical_json import json_bytes
from rules.i_json import InvalidJson, parse_i_json
from rules.instants import instant_text
from sync.devices import VISIBLE_ASCII
from sync.items import Sender
from sync.problems import Problem
from sync.pull import pull
from sync.status import status
from sync.store import now_ms
from sync.writing import write_call

IMPLEMENTATION = "python-server"
VERSION = "1"
SOCKET_PATH = "/sync/ws"
METHOD_OF = {
    "/api/sync/pull": "POST",
    "/api/sync/push": "POST",
    "/api/sync/batch": "POST",
    "/api/sync/status": "GET",
    "/.well-known/mirubato-sync": "GET",
    "/health": "GET",
    SOCKET_PATH: "GET",
}
REQUEST_HEADERS = (
    "Authorization, Content-Type, X-Sync-Protocol, X-Device-ID,"
    " X-Idempotency-Key, Idempotency-Key, X-Connection-ID"
)
KEY_HEADERS = ("X-Idempotency-Key", "Idempotency-Key")


class Answer(NamedTuple):
    status: int
    content_type: str | None
    body: bytes
    headers: dict


def json_answer(value):
    return Answer(200, "application/json", json_bytes(value), {})


def problem_answer(problem):
    return Answer(problem.status, "application/problem+json", json_bytes(problem.body()), problem.headers)


def path_of(target):
    """The path of a request's target, which may be a whole URL."""
    return re.sub(r"(?i)^https?://[^/?#]*", "", target).split("?")[0]


def route(app, command, target, headers, body):
    """The answer to a request; a Problem where it is refused."""
    path = path_of(target)
    method = METHOD_OF.get(path)
    if method is None:
        raise Problem("NOT_FOUND", "There is no such path here.")
    if command == "OPTIONS" and headers.get("Access-Control-Request-Method") is not None:
        return _preflight(app, method, headers)
    allowed = ["GET", "HEAD"] if method == "GET" else [method]
    if command not in allowed:
        allow = ", ".join(allowed)
        raise Problem("METHOD_NOT_ALLOWED", f"This path takes {allow}.", headers={"Allow": allow})
    if path == SOCKET_PATH:
        raise upgrade_required("This path takes WebSocket upgrades only.", {"Connection": "Upgrade"})
    if path == "/health":
        return json_answer(_health())
    if path == "/.well-known/mirubato-sync":
        return json_answer(_discovery(app))
    return _sync(app, path.rpartition("/")[2], headers, body)


def _preflight(app, method, headers):
    if headers.get("Origin") not in app.origins:
        return Answer(204, None, b"", {})
    allow = {
        "Access-Control-Allow-Methods": method,
        "Access-Control-Allow-Headers": REQUEST_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return Answer(204, None, b"", allow)


def _health():
    return {"service": IMPLEMENTATION, "status": "healthy", "timestamp": instant_text(now_ms())}


def _discovery(app):
    return {
        "protocol": "mirubato-sync",
        "versions": [VERSION],
        "profiles": ["http", "realtime"],
        "endpoints": {"http": app.url, "ws": re.sub("^http", "ws", app.url) + SOCKET_PATH},
        "limits": app.limits,
        "implementation": IMPLEMENTATION,
    }


def _sync(app, call, headers, body):
    user = app.auth.user_of(headers)
    app.rate.spend(user)
    sender = Sender(user, _announces(headers))
    app.devices.seen(user, headers.get("X-Device-ID", "").strip(" \t"))
    if call == "status":
        return json_answer(status(app, user))
    if body.length:
        _refuse_media_type(headers)
    data = body.read(app.limits["maxBodyBytes" if sender.announced else "legacyMaxBodyBytes"])
    if call == "pull":
        return json_answer(pull(app, user, _pull_request(app, data)))
    connection_id = headers.get("X-Connection-ID", "").strip(" \t")
    recorded, replayed = write_call(app, call, sender, _key(headers), data, connection_id)
    return Answer(*recorded, {"X-Idempotent-Replay": "true"} if replayed else {})


def _announces(headers):
    versions = headers.get_all("X-Sync-Protocol")
    if versions is not None and any(version.strip(" \t") != VERSION for version in versions):
        raise Problem("UNSUPPORTED_VERSION", f"This server speaks version {VERSION}.", supported=[VERSION])
    return versions is not None


def _refuse_media_type(headers):
    media_type = headers.get("Content-Type", "").split(";")[0].strip(" \t").lower()
    coding = headers.get("Content-Encoding", "identity").strip().lower()
    if media_type != "application/json" or coding not in ("identity", ""):
        raise Problem("UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json, without content coding.")


def _pull_request(app, data):
    try:
        return parse_i_json(data, app.limits["maxDepth"]) if data else {}
    except InvalidJson as error:
        raise Problem("INVALID_JSON", f"The body is {error}.") from None


def _key(headers):
    keys = {value.strip(" \t") for name in KEY_HEADERS for value in headers.get_all(name) or ()}
    if not keys:
        return None
    key = keys.pop()
    if keys or not VISIBLE_ASCII.fullmatch(key):
        detail = "A key has 1 to 255 visible ASCII characters, and both headers name the same."
        raise Problem("INVALID_IDEMPOTENCY_KEY", detail)
    return key
