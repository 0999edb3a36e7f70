"""From an HTTP request to a socket: AUTH-016, AUTH-017, AUTH-020 to AUTH-022, RT-037."""
import base64
import hashlib
from urllib.parse import parse_qs

from realtime.connection import Connection
from sync.problems import Problem

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SUBPROTOCOL, BEARER = "mirubato.v1", "bearer."


def judge_upgrade(app, target, headers):
    """(Connection, the bytes of the 101); a Problem where the request is refused."""
    upgrades = [name.lower() for name in _listed(headers, "Upgrade")]
    options = [name.lower() for name in _listed(headers, "Connection")]
    if "websocket" not in upgrades or "upgrade" not in options:
        raise upgrade_required("This path takes WebSocket upgrades only.", {"Connection": "Upgrade"})
    subprotocols = _listed(headers, "Sec-WebSocket-Protocol")
    subject, expires = _judge_user(app, target, subprotocols)
    if headers.get("Sec-WebSocket-Version", "").strip() != "13":
        raise upgrade_required("WebSocket version 13 is spoken here.", {"Sec-WebSocket-Version": "13"})
    accept = _accept(headers.get("Sec-WebSocket-Key", "").strip())
    connection = Connection(app, subject, expires)
    if not app.hub.add(connection):
        detail = f"This user has {app.limits['maxConnections']} sockets already."
        raise Problem("RATE_LIMITED", detail, headers={"Retry-After": "30"})
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept}",
    ]
    if SUBPROTOCOL in subprotocols:
        lines.append(f"Sec-WebSocket-Protocol: {SUBPROTOCOL}")
    return connection, "\r\n".join([*lines, "", ""]).encode()


def serve_socket(app, handler, connection, response):
    """Answers 101 and serves the socket until it ends."""
    handler.close_connection = True
    try:
        connection.begin()
        handler.wfile.write(response)
        handler.wfile.flush()
        handler.connection.settimeout(None)
        connection.take_over(handler.rfile, handler.connection)
    except BaseException:
        app.hub.remove(connection)
        app.hub.forget(connection)
        raise
    connection.run()


def upgrade_required(detail, headers):
    return Problem("UPGRADE_REQUIRED", detail, headers={"Upgrade": "websocket"} | headers)


def _judge_user(app, target, subprotocols):
    """(sub, exp): the token is the subprotocol's or the query's; Authorization and cookies do not count."""
    query = parse_qs(target.partition("?")[2], keep_blank_values=True)
    user = query.get("userId", [""])[0]
    bearers = [name.removeprefix(BEARER) for name in subprotocols if name.startswith(BEARER)]
    token = bearers[0] if bearers else query.get("token", [""])[0]
    missing = [name for name, there in (("userId", user), ("token", token or bearers)) if not there]
    if missing:
        raise Problem("INVALID_REQUEST", f"The address lacks {' and '.join(missing)}.")
    subject, expires = app.auth.verify(token)
    if subject != user:
        raise Problem("FORBIDDEN", "userId is not the user of the token.")
    return subject, expires


def _accept(key):
    try:
        if len(base64.b64decode(key, validate=True)) != 16:
            raise ValueError("not 16 bytes")
    except ValueError:
        raise Problem("INVALID_REQUEST", "Sec-WebSocket-Key has to be 16 bytes in base64.") from None
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def _listed(headers, name):
    values = [value.strip(" \t") for line in headers.get_all(name) or () for value in line.split(",")]
    return [value for value in values if value]
