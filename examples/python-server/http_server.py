"""HTTP/1.1 on the standard library's server, a thread a connection."""
import sqlite3
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from http_bodies import Body
from http_routes import IMPLEMENTATION, SOCKET_PATH, path_of, problem_answer, route
from realtime.upgrade import judge_upgrade, serve_socket
from sync.problems import Problem

EXPOSED_HEADERS = "X-Idempotent-Replay, Retry-After, WWW-Authenticate"


class Server(ThreadingHTTPServer):
    """Listens once it is made; serve_forever() serves."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, app, host, port):
        super().__init__((host, port), type("Handler", (RequestHandler,), {"app": app}))

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            traceback.print_exc()


class RequestHandler(BaseHTTPRequestHandler):
    """Members whose names http.server prescribes, then ours."""

    protocol_version = "HTTP/1.1"
    server_version = IMPLEMENTATION
    sys_version = ""
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    timeout = 60
    app = None

    def log_message(self, *_):
        pass  # targets can have tokens in them

    def __getattr__(self, name):
        if name.startswith("do_"):  # every method is judged by route(), unknown ones too
            return self.handle_request
        raise AttributeError(name)

    def send_error(self, code, message=None, explain=None):
        """What http.server itself cannot read: it may have no headers, and no method yet."""
        self.close_connection = True
        self.headers = getattr(self, "headers", None) or {}
        self.command = getattr(self, "command", None) or ""
        self.request_version = "HTTP/1.1"
        self.send(problem_answer(Problem("INVALID_REQUEST", "The HTTP request cannot be read.")))

    def handle_request(self):
        try:
            body = Body(self.headers, self.rfile)
        except Problem as problem:
            self.close_connection = True
            self.send(problem_answer(problem))
            return
        try:
            answer = self.answer_to(body)
            if answer is not None:
                body.discard()
                self.close_connection = self.close_connection or body.broken
                self.send(answer)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def answer_to(self, body):
        """An Answer, or None where a socket took over the connection and has ended."""
        try:
            if self.command == "GET" and path_of(self.path) == SOCKET_PATH:
                connection, response = judge_upgrade(self.app, self.path, self.headers)
                serve_socket(self.app, self, connection, response)
                return None
            return route(self.app, self.command, self.path, self.headers, body)
        except Problem as problem:
            return problem_answer(problem)
        except (ConnectionError, TimeoutError):
            raise
        except sqlite3.Error:
            traceback.print_exc()
            problem = Problem("UNAVAILABLE", "The store does not answer.", headers={"Retry-After": "2"})
            return problem_answer(problem)
        except Exception:
            traceback.print_exc()
            return problem_answer(Problem("INTERNAL", "A fault of the server."))

    def send(self, answer):
        self.send_response(answer.status)
        self.send_header("Vary", "Origin")
        origin = self.headers.get("Origin")
        if origin is not None and origin in self.app.origins:
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Access-Control-Expose-Headers", EXPOSED_HEADERS)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-store")
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()
