"""This client under `mirubato-sync test client`: one JSON object a line, requests on stdin, answers on
stdout.

The second half is that of ../adapter-template/adapter.py, word for word: copy the template, not this.
"""

import json
import sqlite3
import sys
import threading
import traceback

from client import Client, NotThere, SyncError

NAME, VERSION = "examples/python-client", "1"
TIMING = True
REALTIME = True
SOCKET_MUTATIONS = False
TABS = False
CLIENTS = 16


class Failure(Exception):
    """What a call of the client comes to where it fails as it may: no network, no such entity, no more
    space."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def call(method, *arguments):
    try:
        return method(*arguments)
    except SyncError as error:
        raise Failure(error.code, str(error)) from None
    except NotThere as error:
        raise Failure("NOT_FOUND", str(error)) from None
    except sqlite3.Error as error:
        raise Failure("STORAGE", str(error)) from None
    except ValueError as error:
        raise Failure("INVALID", str(error)) from None


class Adapter:
    """A method for each verb. Its parameters are checked when it is called; it returns the result, or
    nothing."""

    def open(self, url, user, token, storage, realtime, second_ms):
        return call(lambda: Client(url, user, token, storage, realtime, second_ms / 1000))

    def create(self, client, type, item):
        return {"id": call(client.create, type, item)}

    def update(self, client, type, id, patch):
        call(client.update, type, id, patch)

    def delete(self, client, type, id):
        call(client.delete, type, id)

    def list(self, client, type):
        return {"items": call(client.list, type)}

    def pending(self, client):
        items = [{"type": type, "id": id} for type, id in call(client.pending)]
        return {"items": items, "count": len(items)}

    def dead_letters(self, client):
        return {
            "items": [
                {name: letter[name] for name in ("type", "id", "code")} for letter in client.dead_letters()
            ]
        }

    def status(self, client):
        return {"status": client.status()}

    def close(self, client):
        call(client.close)

    def flush(self, client):
        call(client.flush)

    def pull(self, client):
        call(client.pull)

    def retry(self, client, type, id):
        call(client.retry, type, id)

    def discard(self, client, type, id):
        call(client.discard, type, id)

    def set_token(self, client, token):
        call(client.set_token, token)

    def offline(self, client):
        client.go_offline()

    def online(self, client):
        client.go_online()

    def connect(self, client):
        client.connect()

    def sign_out(self, client):
        client.sign_out()

    def report(self, client):
        return client.report()

    def configure(self, client, settings):
        call(client.configure, settings)


# From here on there is nothing to fill in.

ENTITY_TYPES = (
    "logbook_entry goal repertoire_item practice_plan plan_occurrence plan_template user_preferences".split()
)


def text(value):
    return isinstance(value, str) and value != ""


def entity_type(value):
    return value in ENTITY_TYPES


def json_object(value):
    return isinstance(value, dict)


def boolean(value):
    return isinstance(value, bool)


def milliseconds(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 1000


ENTITY = {"client": text, "type": entity_type, "id": text}
PARAMS = {
    "open": {
        "client": text,
        "url": text,
        "user": text,
        "token": text,
        "storage": text,
        "realtime": boolean,
        "secondMs": milliseconds,
    },
    "create": {"client": text, "type": entity_type, "item": json_object},
    "update": {**ENTITY, "patch": json_object},
    "delete": ENTITY,
    "list": {"client": text, "type": entity_type},
    "retry": ENTITY,
    "discard": ENTITY,
    "configure": {"client": text, "settings": json_object},
    "set-token": {"client": text, "token": text},
    **dict.fromkeys("pending dead-letters status report flush pull".split(), {"client": text}),
    **dict.fromkeys("connect offline online sign-out close".split(), {"client": text}),
}
# These may take long, and others are asked for meanwhile.
MAY_WAIT = ("flush", "pull", "connect", "sign-out", "close")


class Lines:
    def __init__(self, adapter, out):
        self.adapter, self.out = adapter, out
        self.clients, self.lock = {}, threading.Lock()

    def serve(self, lines):
        for line in lines:
            if not line.strip():
                continue
            try:
                request = json.loads(line)
                number, verb, params = request["id"], request["verb"], request.get("params", {})
                if (
                    not isinstance(number, (int, str))
                    or not isinstance(verb, str)
                    or not isinstance(params, dict)
                ):
                    raise TypeError
            except (ValueError, KeyError, TypeError):
                print(f"not a request: {line.strip()[:200]}", file=sys.stderr)
                self.say({"event": "not-a-request"})
                continue
            if verb in MAY_WAIT:
                threading.Thread(target=self.answer, args=(number, verb, params), daemon=True).start()
            else:
                self.answer(number, verb, params)
        for client in self.clients.values():
            self.adapter.close(client)

    def answer(self, number, verb, params):
        try:
            self.say({"id": number, "ok": True, "result": self.perform(verb, params)})
        except NotImplementedError as error:
            self.refuse(number, "NOT_IMPLEMENTED", f"{verb}: {error}")
        except Failure as failure:
            self.refuse(number, failure.code, str(failure))
        except Exception as error:
            traceback.print_exc()
            self.refuse(number, "INTERNAL", f"{verb}: {error!r}")

    def perform(self, verb, params):
        if verb == "capabilities":
            return self.capabilities()
        if verb not in PARAMS:
            raise Failure(
                "UNKNOWN_VERB", f"there is no verb {verb!r}; there are capabilities, {', '.join(PARAMS)}"
            )
        given = {}
        for name, fits in PARAMS[verb].items():
            if name not in params or not fits(params[name]):
                value = json.dumps(params[name])[:100] if name in params else "missing"
                raise Failure(
                    "BAD_PARAMS", f"{name} of {verb} is {value}; it must be {fits.__name__.replace('_', ' ')}"
                )
            given[{"secondMs": "second_ms"}.get(name, name)] = params[name]
        name = given.pop("client")
        if (verb == "open") == (name in self.clients):
            raise Failure(
                "BAD_PARAMS", f"client {name!r} is {'open already' if verb == 'open' else 'not open'}"
            )
        method = getattr(self.adapter, verb.replace("-", "_"))
        if verb == "open":
            self.clients[name] = method(**given)
            return {}
        client = self.clients[name] if verb != "close" else self.clients.pop(name)
        return method(client, **given) or {}

    def capabilities(self):
        verbs = [v for v in PARAMS if not hasattr(getattr(self.adapter, v.replace("-", "_")), "is_stub")]
        return {
            "protocol": "mirubato-sync adapter 1",
            "name": NAME,
            "version": VERSION,
            "clients": CLIENTS,
            "verbs": ["capabilities", *verbs],
            "timing": TIMING,
            "realtime": REALTIME,
            "socketMutations": SOCKET_MUTATIONS,
            "tabs": TABS,
        }

    def refuse(self, number, code, message):
        self.say({"id": number, "ok": False, "error": {"code": code, "message": message}})

    def say(self, message):
        with self.lock:
            self.out.write(json.dumps(message) + "\n")
            self.out.flush()


if __name__ == "__main__":
    # Nothing but answers may come on stdout: what a client prints goes where the suite shows it beside a
    # failure.
    out, sys.stdout = sys.stdout, sys.stderr
    Lines(Adapter(), out).serve(sys.stdin)
