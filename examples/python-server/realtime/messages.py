"""What a client says on its socket: reads a message, finds what serves it, tells what is wrong with it."""
import sqlite3
import time
import traceback

from realtime.catch_up import catch_up
from realtime.frames import CloseWith
from realtime.mutations import MUTATIONS, mutate
from rules.i_json import InvalidJson, parse_i_json
from rules.json_schema import pointer, violations
from sync.problems import Problem
from sync.schemas import CLIENT_MESSAGE

EXACT_PING = b'{"type":"PING"}'  # RT-034
KNOWN = {"PING", "AUTH", "SYNC_REQUEST", *MUTATIONS}


def receive(connection, data):
    """Serves one text frame."""
    if data == EXACT_PING:
        connection.say({"type": "PONG"})
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise CloseWith(1007, "not UTF-8") from None  # RT-008
    message = None
    try:
        message = _read(connection, data)
        if message is not None:
            _serve(connection, message)
    except Problem as problem:
        connection.tell_error(problem.code, problem.detail, message)
    except sqlite3.Error:
        traceback.print_exc()
        connection.tell_error("UNAVAILABLE", "The store does not answer.", message)


def _read(connection, data):
    """The message if it is to be served; where it is not, its sender has been told (RT-009, RT-042)."""
    try:
        message = parse_i_json(data, connection.app.limits["maxDepth"])
    except InvalidJson as error:
        return connection.tell_error("INVALID_JSON", f"The message is {error}.", None)
    if not isinstance(message, dict):
        return connection.tell_error("INVALID_REQUEST", "A message has to be an object.", None)
    kind = message.get("type")
    if not isinstance(kind, str):
        return connection.tell_error("INVALID_REQUEST", "type has to be a text.", message)
    if connection.announced is None and kind != "PING" and not _settle_protocol(connection, message):
        return None
    if kind not in KNOWN:
        return connection.tell_error("UNKNOWN_MESSAGE", "This type of message is not known here.", message)
    found = violations(CLIENT_MESSAGE, message)
    if found:
        path, _, text = found[0]
        place = pointer("", path) or "the message"
        return connection.tell_error("INVALID_REQUEST", f"{place} {text}.", message)
    return message


def _settle_protocol(connection, message):
    """RT-006, RT-049: the first message decides whether this is a deployed peer."""
    version = message.get("protocol")
    if version is None or version == "1":
        connection.announced = version == "1"
        return True
    if not isinstance(version, str):
        connection.tell_error("INVALID_REQUEST", "protocol has to be a text.", message)
        return False
    text = "This server speaks version 1."
    connection.tell_error("UNSUPPORTED_VERSION", text, message, supported=["1"])
    connection.close(4400, "unsupported version")
    return False


def _serve(connection, message):
    kind = message["type"]
    if kind == "PING":
        connection.say({"type": "PONG"})
    elif kind == "AUTH":
        _renew(connection, message["token"])
    elif time.time() > connection.expires + connection.app.limits["tokenLeewayMs"] / 1000:
        connection.close(4401, "token expired")
    elif kind == "SYNC_REQUEST":
        catch_up(connection, message)
    else:
        mutate(connection, message)


def _renew(connection, token):
    """AUTH-018."""
    subject, expires = connection.app.auth.verify(token)
    if subject != connection.user:
        connection.close(4403, "another user's token")
        return
    connection.expires = expires
    connection.welcome("Token renewed")
