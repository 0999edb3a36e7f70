"""The client's side of RFC 6455: as much of it as text messages need."""

import base64
import hashlib
import os
import socket
import ssl
import threading
import time
from urllib.parse import urlsplit

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
MOST = 8 * 2**20  # bytes of a message; a server sends 2 MiB at most (RT-052)


class NotOpened(Exception):
    """The handshake did not come to its end.

    @ivar retry_after: the header, where there was one
    """

    def __init__(self, text, retry_after=None):
        super().__init__(text)
        self.retry_after = retry_after


class Closed(Exception):
    """@ivar code: as the peer gave it; 1005 without one, 1006 without a closing handshake"""

    def __init__(self, code):
        super().__init__(f"the socket was closed with {code}")
        self.code = code


class WebSocket:
    def __init__(self, url, headers, protocols, timeout):
        """@param url: ws: or wss:, with path and query. @raises NotOpened"""
        self._buffer, self._parts, self._sending = b"", None, threading.Lock()
        try:
            self._open(urlsplit(url), headers, protocols, timeout)
        except (OSError, ValueError) as error:
            raise NotOpened(f"no socket: {error!r}") from None

    def send(self, text):
        """@raises Closed"""
        self._frame(TEXT, text.encode())

    def receive(self, timeout):
        """The next message's text, b"" after another frame, None where nothing came in time. @raises
        Closed"""
        deadline = time.monotonic() + max(timeout, 0)
        while True:
            frame = self._next_frame()
            if frame:
                return self._take(*frame)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._fill(left)

    def close(self, code=1000):
        try:
            self._frame(CLOSE, code.to_bytes(2, "big"))
        except Closed:
            pass
        self.abort()

    def abort(self):
        """Also from another thread: whoever reads gets Closed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _open(self, url, headers, protocols, timeout):
        raw = socket.create_connection(
            (url.hostname, url.port or (443 if url.scheme == "wss" else 80)), timeout
        )
        self._socket = raw
        try:
            if url.scheme == "wss":
                self._socket = ssl.create_default_context().wrap_socket(raw, server_hostname=url.hostname)
            key = base64.b64encode(os.urandom(16)).decode()
            lines = [
                f"GET {url.path}?{url.query} HTTP/1.1",
                f"Host: {url.netloc}",
                "Upgrade: websocket",
                "Connection: Upgrade",
                f"Sec-WebSocket-Key: {key}",
                "Sec-WebSocket-Version: 13",
                f"Sec-WebSocket-Protocol: {', '.join(protocols)}",
                *(f"{n}: {v}" for n, v in headers.items()),
            ]
            self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
            while b"\r\n\r\n" not in self._buffer:
                got = self._socket.recv(65536)
                if not got or len(self._buffer) > 65536:
                    raise ValueError("the answer to the upgrade is cut off, or too long")
                self._buffer += got
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            first, *fields = head.decode("latin-1").split("\r\n")
            answer = {
                name.strip().lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
            }
            if first.split(" ")[1:2] != ["101"]:
                raise NotOpened(f"the upgrade was answered {first[9:12]}", answer.get("retry-after"))
            wanted = base64.b64encode(
                hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
            )
            if answer.get("sec-websocket-accept") != wanted.decode():
                raise ValueError("Sec-WebSocket-Accept does not fit")
        except BaseException:
            self._socket.close()
            raise

    def _fill(self, timeout):
        try:
            self._socket.settimeout(timeout)
            got = self._socket.recv(65536)
        except TimeoutError:
            return
        except (OSError, ValueError):
            got = b""
        if not got:
            self._socket.close()
            raise Closed(1006)
        self._buffer += got

    def _next_frame(self):
        """(last of its message, opcode, payload), or None as long as it is not all there."""
        data = self._buffer
        if len(data) < 2:
            return None
        size, start = data[1] & 0x7F, 2
        if size > 125:
            start = 4 if size == 126 else 10
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start], "big")
        if size > MOST:
            self._fail(1009)
        if data[0] & 0x70 or data[1] & 0x80:
            self._fail(1002)
        if len(data) < start + size:
            return None
        self._buffer = data[start + size :]
        return bool(data[0] & 0x80), data[0] & 0x0F, data[start : start + size]

    def _take(self, last, opcode, payload):
        if opcode == CLOSE:
            code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
            self.close(code if code != 1005 else 1000)
            raise Closed(code)
        if opcode == PING:
            self._frame(PONG, payload)
            return b""
        if opcode == PONG:
            return b""
        if opcode == BINARY or (opcode == CONTINUATION) != (self._parts is not None):
            self._fail(1003 if opcode == BINARY else 1002)
        self._parts = (self._parts or b"") + payload
        if len(self._parts) > MOST:
            self._fail(1009)
        if not last:
            return b""
        whole, self._parts = self._parts, None
        try:
            return whole.decode("utf-8")
        except UnicodeDecodeError:
            self._fail(1007)

    def _fail(self, code):
        self.close(code)
        raise Closed(1006)

    def _frame(self, opcode, data):
        mask, size = os.urandom(4), len(data)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 65536:
            head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
        long_mask = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(data, "big") ^ int.from_bytes(long_mask, "big")).to_bytes(size, "big")
        try:
            with self._sending:
                self._socket.sendall(head + mask + masked)
        except OSError:
            self.abort()
            raise Closed(1006) from None
