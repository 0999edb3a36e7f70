"""The body of a request: framing, size, and reading to its end so that the connection stays usable."""
import re

from sync.problems import Problem

MOST_DISCARDED = 8 << 20
PIECE = 65536
CHUNK_HEADER = re.compile(rb"([0-9A-Fa-f]{1,12})[ \t]*(?:;[^\r\n]*)?\r?\n")
CHUNKED = -1


class Body:
    """`length` in bytes, or CHUNKED; `broken` once nothing more can be read on this connection."""

    def __init__(self, headers, stream):
        self.stream = stream
        self.broken = False
        self.was_read = False
        self.length = _length(headers)

    def read(self, most):
        """The bytes; what is too large is thrown away while it is read."""
        self.was_read = True
        data = self._read_chunked(most) if self.length == CHUNKED else self._read_sized(most)
        if data is None:
            raise Problem("BODY_TOO_LARGE", f"The body is larger than {most} bytes.")
        return data

    def discard(self):
        """Reads what nobody asked for, so that the next request begins where it should."""
        if self.length == CHUNKED:
            self.broken = self.broken or not self.was_read
        elif not self.was_read:
            self._discard_sized()

    def _read_sized(self, most):
        if self.length > most:
            self._discard_sized()
            return None
        data = self.stream.read(self.length)
        if len(data) != self.length:
            raise self._cut()
        return data

    def _discard_sized(self):
        self.broken = self.broken or self.length > MOST_DISCARDED
        left = min(self.length, MOST_DISCARDED)
        try:
            while left > 0:
                data = self.stream.read(min(left, PIECE))
                if not data:
                    break
                left -= len(data)
        except OSError:
            self.broken = True

    def _read_chunked(self, most):
        pieces, size = [], 0
        for piece in self._chunks():
            size += len(piece)
            if size > most + MOST_DISCARDED:
                self.broken = True
                break
            if size <= most:
                pieces.append(piece)
        return b"".join(pieces) if size <= most else None

    def _chunks(self):
        while True:
            match = CHUNK_HEADER.fullmatch(self.stream.readline(1024))
            if not match:
                raise self._malformed()
            left = int(match.group(1), 16)
            if left == 0:
                while self.stream.readline(PIECE) not in (b"\r\n", b"\n", b""):
                    pass  # trailers
                return
            while left:
                data = self.stream.read(min(left, PIECE))
                if not data:
                    raise self._cut()
                left -= len(data)
                yield data
            if self.stream.readline(8) not in (b"\r\n", b"\n"):
                raise self._malformed()

    def _cut(self):
        self.broken = True
        return ConnectionError("the body ended early")

    def _malformed(self):
        self.broken = True
        return Problem("INVALID_REQUEST", "The chunked body is malformed.")


def _length(headers):
    coding = headers.get("Transfer-Encoding")
    lengths = {line.strip() for line in headers.get_all("Content-Length") or ()}
    if coding is not None:
        if lengths or coding.strip().lower() != "chunked":
            raise Problem("INVALID_REQUEST", "The framing of the body is not understood.")
        return CHUNKED
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not re.fullmatch(r"[0-9]{1,18}", length):
        raise Problem("INVALID_REQUEST", "Content-Length is not a number.")
    return int(length)
