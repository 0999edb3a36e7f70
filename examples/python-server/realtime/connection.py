"""One socket: greets, reads message after message, and ends as RFC 6455 wants."""
import secrets
import threading
import time
import traceback

from realtime.frames import CLOSE, PING, PONG, TEXT, CloseWith, FrameReader, SocketGone
from realtime.frames import answer_to_close, encode_frame
from realtime.messages import receive
from realtime.outbox import CLOSING_S, Outbox
from rules.canonical_json import json_bytes

TURN_S = 0.25


class Connection:
    """A user's socket: its thread reads, `out` has a thread of its own, and writers put events into it."""

    def __init__(self, app, user, expires):
        self.app, self.user, self.expires = app, user, expires
        self.id = secrets.token_hex(12)
        self.out = Outbox()
        self.reader = None
        self.is_told = False  # whether live events go to it
        self.announced = None  # RT-049: None until its first message other than PING
        self.watermark = None  # RT-023: None until its first catch-up has ended
        self.catching_up = False
        self.heard_at = time.monotonic()
        self.is_waiting = True  # for the client, and not at work for it
        self.tokens, self.tokens_at = float(app.limits["messageBurst"]), time.monotonic()

    @property
    def closing(self):
        return self.out.closing

    def begin(self):
        """Before the upgrade is answered, so that whatever is written after the 101 is told (RT-001)."""
        with self.app.store.writing:
            self.welcome("Connected")
            self.is_told = True

    def take_over(self, stream, sock):
        """From the HTTP server, once the upgrade is answered."""
        self.reader = FrameReader(stream, self.app.limits["maxMessageBytes"], self._heard)
        self.out.socket = sock

    def say(self, message):
        self.out.put(encode_frame(TEXT, json_bytes(message)))

    def close(self, code, reason=""):
        self.out.close(code, reason)

    def welcome(self, text):
        """RT-005, RT-053."""
        self.say({"type": "WELCOME", "message": text, "protocol": "1", "connectionId": self.id})

    def tell_error(self, code, text, message=None, **extra):
        """An ERROR, with the clientChangeId of the message that it is about (RT-014)."""
        answer = {"type": "ERROR", "error": text, "code": code}
        change = (message or {}).get("clientChangeId")
        if isinstance(change, str):
            answer["clientChangeId"] = change
        self.say(answer | extra)

    def is_idle(self, now):
        """RT-036."""
        return self.is_waiting and now - self.heard_at > self.app.limits["idleTimeoutMs"] / 1000

    def run(self):
        """Returns when the socket has ended."""
        writer = threading.Thread(target=self.out.run, daemon=True)
        writer.start()
        unread = None  # of the peer's last frame, where it may still be sending
        try:
            self._serve()
            unread = 0
        except CloseWith as fault:
            unread = fault.unread
            self.close(fault.code, fault.reason)
        except (SocketGone, OSError, ValueError):
            if not self.closing:
                self.out.kill()
        except Exception:
            traceback.print_exc()
            self.close(1011, "a fault of the server")
            unread = 0
        finally:
            self.app.hub.remove(self)
            if unread is not None and not self.out.dead:
                self.reader.read_to_end(unread)
            writer.join(CLOSING_S)
            self.app.hub.forget(self)
            self.out.kill()

    def wait_for_room(self):
        if not self.out.wait_for_room():
            raise SocketGone

    def _serve(self):
        while not self.closing:
            self.is_waiting = True
            opcode, data = self.reader.read()
            if opcode == CLOSE:
                self.close(answer_to_close(data))
                raise SocketGone
            if opcode == PONG or self.closing:
                continue
            self.is_waiting = opcode == PING
            self._throttle()
            if opcode == PING:
                self.out.put(encode_frame(PONG, data))
            self.wait_for_room()
            if opcode == TEXT:
                receive(self, data)

    def _heard(self):
        self.heard_at = time.monotonic()

    def _throttle(self):
        """RT-041, RT-045: beyond the burst, messages wait."""
        burst, per_second = self.app.limits["messageBurst"], self.app.limits["messagesPerSecond"]
        now = time.monotonic()
        self.tokens = min(burst, self.tokens + (now - self.tokens_at) * per_second) - 1
        self.tokens_at = now
        end = now - self.tokens / per_second
        while self.tokens < 0 and not self.closing and time.monotonic() < end:
            time.sleep(min(TURN_S, max(0, end - time.monotonic())))
