"""Puts a client under `mirubato-sync test client`: one JSON object a line, requests on stdin, answers on stdout.

Fill in what is marked with @stub, and take the mark away: what is marked is not claimed in `capabilities`, and
the checks that need it do not apply. Nothing else has to be changed. README.md beside this file goes through it
step by step.
"""

import json
import sys
import threading
import traceback

NAME, VERSION = "my client", "0.1"
TIMING = False  # True: `open` heeds second_ms, and a run takes minutes less
REALTIME = False  # True: it opens WebSockets
SOCKET_MUTATIONS = False  # True: it sends the user's writes over them, too
TABS = False  # True: clients opened on one `storage` are tabs that share it
CLIENTS = 1  # how many can be open at once in this process


class Failure(Exception):
    """What a call of the client comes to where it fails as it may: no network, no such entity, no more space."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def stub(method):
    method.is_stub = True
    return method


class Adapter:
    """A method for each verb. Its parameters are checked when it is called; it returns the result, or nothing.

    `client` in all of them but open() is what open() returned.
    """

    # Needed: without these there is nothing to check.

    @stub
    def open(self, url, user, token, storage, realtime, second_ms):
        """Starts a client of `user` that keeps its data at the path `storage`; what is there already is this
        device's.

        second_ms: how long a second of the client's own waiting lasts, in ms; 1000 is real time. For back-off,
        flush and poll intervals, heartbeat and Retry-After, not for stamps.
        """
        raise NotImplementedError("open your client here, and return it: the other verbs get it as `client`")

    @stub
    def create(self, client, type, item):
        raise NotImplementedError("call your client's create here, and return {'id': the new entity's id}")

    @stub
    def update(self, client, type, id, patch):
        """The members of patch are set, the others stay."""
        raise NotImplementedError("call your client's update here")

    @stub
    def delete(self, client, type, id):
        raise NotImplementedError("call your client's delete here")

    @stub
    def list(self, client, type):
        """What the user sees, by now: it must not wait for the network."""
        raise NotImplementedError("return {'items': [item, …]}, without what is deleted")

    @stub
    def pending(self, client):
        raise NotImplementedError(
            "return {'items': [{'type': …, 'id': …}, …], 'count': …}: what is not acknowledged"
        )

    @stub
    def dead_letters(self, client):
        raise NotImplementedError(
            "return {'items': [{'type': …, 'id': …, 'code': …}, …]}: what was refused for good"
        )

    @stub
    def status(self, client):
        raise NotImplementedError(
            "return {'status': 'connected', 'connecting', 'disconnected' or 'reconnecting'}"
        )

    @stub
    def close(self, client):
        raise NotImplementedError("close your client here: every timer and connection ends")

    # Each of these makes more checks apply.

    @stub
    def flush(self, client):
        """Sends what waits, and returns when that was tried."""
        raise NotImplementedError("call your client's flush here")

    @stub
    def pull(self, client):
        raise NotImplementedError("call your client's pull here")

    @stub
    def retry(self, client, type, id):
        raise NotImplementedError("send the dead letter of that entity once more")

    @stub
    def discard(self, client, type, id):
        raise NotImplementedError("drop the dead letter of that entity")

    @stub
    def set_token(self, client, token):
        raise NotImplementedError("give your client its next token here")

    @stub
    def offline(self, client):
        raise NotImplementedError("tell your client that the network is gone")

    @stub
    def online(self, client):
        raise NotImplementedError("tell your client that the network is back")

    @stub
    def connect(self, client):
        raise NotImplementedError("tell your client to connect; it may be connected already")

    @stub
    def sign_out(self, client):
        raise NotImplementedError("sign the user out")

    @stub
    def report(self, client):
        raise NotImplementedError(
            "return {'metrics': {…}, 'health': …, 'settings': {…}}, or those of them that there are"
        )

    @stub
    def configure(self, client, settings):
        raise NotImplementedError(
            "change the settings realtime, autoSync and notifications that are in `settings`"
        )


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
