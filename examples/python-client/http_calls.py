"""One request over HTTP, and what its answer comes to: a valid answer, a refusal, a pause, or no answer at
all."""

import http.client
import json
import socket
from urllib.parse import urlsplit

from rules import ACCEPTED, COLLECTION_OF, now_ms, parse_instant


class NoAnswer(Exception):
    """Nothing came, or nothing of the protocol's (CLI-042). The same request may be sent again."""

    retry_after = 0


class Busy(NoAnswer):
    """409, 429 or 5xx: the same request again, not before retry_after seconds."""

    def __init__(self, text, retry_after):
        super().__init__(text)
        self.retry_after = retry_after


class TokenRefused(Exception):
    """401: the same request again, with another token."""


class Refused(Exception):
    """Any other 4xx. It was judged: never the same request again."""

    def __init__(self, status, code, detail):
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail


class Http:
    """@param idle_because: asked before each call; what it returns is why there must be none"""

    def __init__(self, url, device_id, timeout, idle_because):
        self.url, self.device_id, self.timeout = urlsplit(url), device_id, timeout
        self.idle_because = idle_because
        self._open = set()

    def call(self, method, path, token, body=None, key=None, check=lambda answer: None):
        """@returns (answer, measured): the JSON object, and (asked, answered) in Unix ms unless it is a
        replay

        @param check: raises KeyError, TypeError or ValueError where the answer is not the call's
        """
        headers = {
            "X-Sync-Protocol": "1",
            "X-Device-ID": self.device_id,
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, application/problem+json",
            "Connection": "close",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["X-Idempotency-Key"] = key
        if why := self.idle_because():
            raise NoAnswer(why[1])
        asked = now_ms()
        status, answer_headers, text = self._exchange(method, path, body, headers)
        answered = now_ms()
        retry_after = seconds(answer_headers.get("Retry-After"))
        kind = (answer_headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        problem = _object(text) if kind == "application/problem+json" else None
        if status == 401 and (problem or "bearer" in (answer_headers.get("WWW-Authenticate") or "").lower()):
            raise TokenRefused(str(problem and problem.get("code")))
        if status in (409, 429) or status >= 500:
            raise Busy(f"{method} {path} was answered {status}", retry_after)
        if 400 <= status < 500 and problem and isinstance(problem.get("code"), str):
            raise Refused(status, problem["code"], str(problem.get("detail")))
        answer = _object(text) if status == 200 and kind == "application/json" else None
        try:
            if answer is None:
                raise ValueError("it is no JSON object")
            check(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise NoAnswer(
                f"{method} {path} was answered {status}, but not as the protocol says: {error!r}"
            ) from None
        # A replay tells the time of the first answer: no clock can be measured by that.
        is_replay = (answer_headers.get("X-Idempotent-Replay") or "").lower() == "true"
        return answer, None if is_replay else (asked, answered)

    def _exchange(self, method, path, body, headers):
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.url.hostname, self.url.port, timeout=self.timeout)
        self._open.add(connection)
        try:
            connection.request(method, self.url.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{method} {path} got no answer: {error!r}") from None
        finally:
            self._open.discard(connection)
            connection.close()

    def abort(self):
        """Ends what is under way; whoever waits for it gets no answer."""
        for connection in list(self._open):
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except (OSError, AttributeError):
                pass


def seconds(text):
    """Retry-After, as this protocol has it; 0 where there is none."""
    return int(text) if text and text.strip().isascii() and text.strip().isdigit() else 0


def check_push(answer):
    parse_instant(answer["timestamp"])
    for result in answer["results"]:
        if not isinstance(result["pointer"], str) or not isinstance(result["outcome"], str):
            raise ValueError("a result without pointer or outcome")
        if result["outcome"] not in ACCEPTED:
            # What is not known here counts as a refusal with an unknown code (CLI-029).
            result["code"] = str(result.get("code") or result["outcome"])
            if result["code"] == "CLOCK_SKEW":
                parse_instant(result["serverTime"])
        else:
            check_change(result["meta"], result.get("item"))


def check_pull(answer):
    parse_instant(answer["timestamp"])
    for collection in COLLECTION_OF.values():
        items, metas = answer[collection], answer["meta"][collection]
        if len(items) != len(metas):
            raise ValueError(f"{collection} and their meta differ in length")
        for meta, item in zip(metas, items):
            check_change(meta, item)
            if item is None:
                raise ValueError("an item is missing")
    # Of types that are not known here nothing is wanted: CLI-041.
    answer["deleted"] = [meta for meta in answer["deleted"] if meta["entityType"] in COLLECTION_OF]
    for meta in answer["deleted"]:
        check_change(meta, None)
        parse_instant(meta["deletedAt"])
    if answer["mode"] not in ("full", "delta") or not isinstance(answer["hasMore"], bool):
        raise ValueError("mode or hasMore")
    if not all(isinstance(answer[name], str) for name in ("syncToken", "epoch")):
        raise ValueError("syncToken or epoch")
    if answer["mode"] == "full" and not answer["hasMore"] and not isinstance(answer["through"], int):
        raise ValueError("through")


def check_change(meta, item):
    if meta["entityType"] not in COLLECTION_OF or not isinstance(meta["entityId"], str):
        raise ValueError("meta names no entity")
    if not all(isinstance(meta[name], int) for name in ("version", "seq")) or not isinstance(
        meta["checksum"], str
    ):
        raise ValueError("meta without version, seq or checksum")
    parse_instant(meta["updatedAt"])
    meta["deletedAt"]
    if not isinstance(item, (dict, type(None))):
        raise ValueError("an item is no object")


def _object(text):
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(name):
    raise ValueError(f"{name} is no JSON")
