"""Frames of RFC 6455, from bytes and to bytes."""

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
OPCODES = (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG)
PIECE = 65536
MOST_IN_CONTROL_FRAME = 125


class SocketGone(Exception):
    """The socket has ended, or its end is settled."""


class CloseWith(Exception):
    """The peer is to be told this code; `unread` bytes of its frame are still to come."""

    def __init__(self, code, reason, unread=0):
        super().__init__(code)
        self.code, self.reason, self.unread = code, reason, unread


def encode_frame(opcode, data):
    """An unmasked frame, as servers send them."""
    size = len(data)
    if size < 126:
        return bytes((0x80 | opcode, size)) + data
    if size < 65536:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big") + data
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + data


def close_frame(code, reason=""):
    """Without a code the frame is empty."""
    return encode_frame(CLOSE, code.to_bytes(2, "big") + reason.encode()[:123] if code else b"")


def answer_to_close(data):
    """The code that answers a peer's close frame, None for one without a code."""
    code = int.from_bytes(data[:2], "big") if len(data) >= 2 else None
    if len(data) == 1 or (code is not None and not _may_be_sent(code)):
        return 1002
    try:
        data[2:].decode("utf-8")
    except UnicodeDecodeError:
        return 1007
    return code


def _may_be_sent(code):
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


def _unmask(data, key):
    size = len(data)
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")


class FrameReader:
    """Reads a client's frames, and puts fragments together. on_bytes is called whenever some came."""

    def __init__(self, stream, most_bytes, on_bytes):
        self.stream, self.most_bytes, self.on_bytes = stream, most_bytes, on_bytes
        self.fragments, self.size, self.inside = [], 0, False

    def read(self):
        """(TEXT, CLOSE, PING or PONG; its data), a text being whole; CloseWith for what breaks the rules."""
        while True:
            opcode, final, data = self._read_frame()
            if opcode >= CLOSE:
                return opcode, data
            self.fragments.append(data)
            self.inside = not final
            if final:
                text = b"".join(self.fragments)
                self.fragments, self.size = [], 0
                return TEXT, text

    def read_to_end(self, unread):
        """After our own close frame: until the peer's, or the end of the socket."""
        try:
            self._skip(unread)
            opcode = None
            while opcode != CLOSE:
                opcode, _, masked, size = self._read_header()
                self._skip(size + (4 if masked else 0))
        except (SocketGone, OSError, ValueError):
            pass

    def _read_frame(self):
        opcode, final, masked, size = self._read_header()
        self._refuse_broken(opcode, final, masked, size)
        key = self._take(4)
        return opcode & 15, final, _unmask(self._take(size), key)

    def _refuse_broken(self, opcode, final, masked, size):
        unread = size + 4
        if opcode not in OPCODES:
            raise CloseWith(1002, "reserved bits or opcode", size + (4 if masked else 0))
        if not masked:
            raise CloseWith(1002, "frames of a client are masked", size)
        if opcode >= CLOSE:
            if size > MOST_IN_CONTROL_FRAME or not final:
                raise CloseWith(1002, "control frame too long or fragmented", unread)
            return
        if opcode == BINARY:
            raise CloseWith(1003, "text frames only", unread)
        if (opcode == CONTINUATION) != self.inside:
            raise CloseWith(1002, "fragments out of order", unread)
        self.size += size
        if self.size > self.most_bytes:
            raise CloseWith(1009, f"at most {self.most_bytes} bytes", unread)

    def _read_header(self):
        """(opcode with the reserved bits before it, whether it is final, whether it is masked, size)"""
        first, second = self._take(2)
        size = second & 127
        if size == 126:
            size = int.from_bytes(self._take(2), "big")
        elif size == 127:
            size = int.from_bytes(self._take(8), "big")
        return first & 127, first >> 7, second >> 7, size

    def _take(self, size):
        pieces = []
        while size:
            pieces.append(self._some(size))
            size -= len(pieces[-1])
        return b"".join(pieces)

    def _skip(self, size):
        while size > 0:
            size -= len(self._some(size))

    def _some(self, most):
        data = self.stream.read1(min(most, PIECE))
        if not data:
            raise SocketGone
        self.on_bytes()
        return data
