"""python3 examples/python-server --db practice.db: see README.md beside this file."""
import argparse
import ipaddress
import json
import os
import signal
import sqlite3
import sys

from application import Application
from http_server import Server
from sync.limits import NAMES

# spec/development-secret.ts: known to everybody, so for loopback addresses only.
DEVELOPMENT_SECRET = "mirubato-sync-development-secret-known-to-everybody"


def main():
    parser = argparse.ArgumentParser("python3 examples/python-server", description="A Mirubato Sync server.")
    parser.add_argument("--db", required=True, help="the SQLite file; it is made where there is none")
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--secret", help="what tokens are verified with (MIRUBATO_JWT_SECRET)")
    parser.add_argument("--origin", action="append", default=[], help="an origin that browsers may call from")
    parser.add_argument("--limits", type=limits_of, default={}, help="a JSON object, as discovery has it")
    parser.add_argument("--url", help="the public base URL, for discovery")
    parser.add_argument("--restored", action="store_true", help="the data is a backup's: begin a new epoch")
    given = parser.parse_args()
    secret = given.secret or os.environ.get("MIRUBATO_JWT_SECRET")
    if not secret and not is_loopback(given.host):
        parser.error("give a secret in MIRUBATO_JWT_SECRET: the public one is for loopback addresses only")
    try:
        application = Application(
            database=given.db,
            secret=secret or DEVELOPMENT_SECRET,
            origins=given.origin,
            limits=given.limits,
            url=given.url or f"http://{given.host}:{given.port}",
            restored=given.restored,
        )
    except sqlite3.Error as error:
        parser.error(f"argument --db: {given.db}: {error}; give a file in a folder that you may write to")
    try:
        server = Server(application, given.host, given.port)
    except OSError as error:
        parser.error(f"argument --port: {given.host}:{given.port}: {error.strerror}; give another one")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on http://{given.host}:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except (KeyboardInterrupt, SystemExit):
        pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    application.hub.farewell()


def limits_of(text):
    """For argparse, which adds the argument's name to what is wrong."""
    try:
        limits = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from None
    if not isinstance(limits, dict):
        raise argparse.ArgumentTypeError('not an object; give one such as {"maxItems": 100}')
    for name, value in limits.items():
        if name not in NAMES:
            raise argparse.ArgumentTypeError(f"there is no limit {name}; there are {', '.join(NAMES)}")
        least = 1 if name.endswith("PerSecond") else 0
        if not isinstance(value, (int, float)) or isinstance(value, bool) or value < least:
            raise argparse.ArgumentTypeError(f"{name} is {json.dumps(value)}; give a number from {least}")
    return limits


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    main()
