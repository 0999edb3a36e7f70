"""python3 examples/python-server --db practice.db: see README.md beside this file."""
import argparse
import ipaddress
import json
import os
import signal
import sys

from application import Application
from http_server import serve

# spec/development-secret.ts: known to everybody, so for loopback addresses only.
DEVELOPMENT_SECRET = "mirubato-sync-development-secret-known-to-everybody"


def main():
    parser = argparse.ArgumentParser("python3 examples/python-server", description="A Mirubato Sync server.")
    parser.add_argument("--db", required=True, help="the SQLite file; it is made where there is none")
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--secret", help="what tokens are verified with (MIRUBATO_JWT_SECRET)")
    parser.add_argument("--origin", action="append", default=[], help="an origin that browsers may call from")
    parser.add_argument("--limits", type=json_object, default={}, help="as in discovery, a JSON object")
    parser.add_argument("--url", help="the public base URL, for discovery")
    parser.add_argument("--restored", action="store_true", help="the data is a backup's: begin a new epoch")
    given = parser.parse_args()
    secret = given.secret or os.environ.get("MIRUBATO_JWT_SECRET")
    if not secret and not is_loopback(given.host):
        parser.error("give a secret in MIRUBATO_JWT_SECRET: the public one is for loopback addresses only")
    application = Application(
        database=given.db,
        secret=secret or DEVELOPMENT_SECRET,
        origins=given.origin,
        limits=given.limits,
        url=given.url or f"http://{given.host}:{given.port}",
        restored=given.restored,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        serve(application, given.host, given.port)
    except (KeyboardInterrupt, SystemExit):
        pass
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    application.hub.farewell()


def json_object(text):
    """For argparse, which tells of a ValueError with the argument's name."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    main()
