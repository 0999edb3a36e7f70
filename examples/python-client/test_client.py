"""python3 -m unittest, in this folder: the rules on the project's vectors, and devices that are killed and
cut off."""

import base64
import hashlib
import hmac
import json
import os
import random
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from client import Client, SyncError
from http_calls import check_push
from outbox import Outbox
from rules import derive_score_id, normal_score_id, parse_instant, same_content
from store import Store

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# spec/development-secret.ts: known to everybody, so for loopback addresses only.
SECRET = b"mirubato-sync-development-secret-known-to-everybody"
ENTRY, GOAL = "logbook_entry", "goal"
PRACTICE = {"timestamp": "2026-03-01T09:30:00Z", "duration": 30, "type": "practice"}


class Rules(unittest.TestCase):
    def test_score_ids(self):
        for case in cases("score-ids-derived"):
            if case["id"] is not None:
                self.assertEqual(
                    case["id"], derive_score_id({k: case[k] for k in ("title", "composer") if k in case})
                )
        for case in cases("score-ids-present"):
            self.assertEqual(case["normalised"], normal_score_id(case["id"]))

    def test_instants(self):
        for case in cases("instants"):
            if isinstance(case["value"], str) and case["unixMs"] is not None:
                self.assertEqual(case["unixMs"], parse_instant(case["value"]), case["name"])

    def test_what_changes_nothing(self):
        self.assertTrue(same_content({"a": 1, "updatedAt": "x"}, {"a": 1.0}))
        self.assertFalse(same_content({"a": 1}, {"a": True}))


class OutboxTest(unittest.TestCase):
    """Without a server: answers by hand."""

    def setUp(self):
        self.store = Store(tempfile.mkdtemp(), "alice")
        self.addCleanup(self.store.close)
        self.outbox = Outbox(self.store)

    def answer(self, outcome="applied", seq=1, **more):
        key, body = self.outbox.freeze()
        ((collection, items),) = json.loads(body)["changes"].items()
        meta = {
            "entityType": {"goals": GOAL, "entries": ENTRY}[collection],
            "entityId": items[0]["id"],
            "version": seq,
            "seq": seq,
            "updatedAt": items[0].get("updatedAt", items[0].get("deletedAt")),
            "deletedAt": items[0].get("deletedAt"),
            "checksum": "0" * 64,
        }
        result = {"pointer": f"/changes/{collection}/0", "outcome": outcome, **more}
        if outcome != "refused":
            result["meta"] = {**meta, **more.get("meta", {})}
        check_push({"timestamp": "2026-01-01T00:00:00Z", "results": [result]})
        return self.outbox.settle(key, [result])

    def test_what_is_sent_is_frozen(self):
        goal = self.outbox.write(GOAL, {"title": "a"})
        first = self.outbox.freeze()
        self.outbox.write(GOAL, {"title": "b"}, goal)
        self.outbox.write(GOAL, {"title": "c"}, goal)
        self.assertEqual(first, self.outbox.freeze())
        self.answer()
        self.assertEqual([(GOAL, goal)], self.outbox.pending())
        (item,) = json.loads(self.outbox.freeze()[1])["changes"]["goals"]
        self.assertEqual("c", item["title"])
        self.assertGreater(item["updatedAt"], json.loads(first[1])["changes"]["goals"][0]["updatedAt"])

    def test_a_delete_goes_after_a_create_that_was_sent_and_instead_of_one_that_was_not(self):
        goal = self.outbox.write(GOAL, {"title": "a"})
        self.outbox.delete(GOAL, goal)
        self.assertEqual([], self.outbox.pending())
        goal = self.outbox.write(GOAL, {"title": "a"})
        self.outbox.freeze()
        self.outbox.delete(GOAL, goal)
        self.answer()
        self.assertIn("deletedAt", json.loads(self.outbox.freeze()[1])["changes"]["goals"][0])
        self.assertEqual([], self.outbox.list(GOAL))

    def test_a_skewed_stamp_is_mended_and_nothing_else(self):
        goal = self.outbox.write(GOAL, {"title": "a"})
        before = json.loads(self.outbox.freeze()[1])["changes"]["goals"][0]["updatedAt"]
        self.store.put("clockOffset", -3_600_000)
        self.answer("refused", code="CLOCK_SKEW", serverTime="2126-01-01T00:00:00.000Z")
        after = json.loads(self.outbox.freeze()[1])["changes"]["goals"][0]["updatedAt"]
        self.assertEqual(3_600_000, parse_instant(before) - parse_instant(after))

    def test_a_dead_letter_stays_to_be_seen_until_an_edit_takes_its_place(self):
        goal = self.outbox.write(GOAL, {"title": 7})
        self.answer(
            "refused", code="INVALID_ITEM", errors=[{"pointer": "/x", "code": "INVALID_ITEM", "detail": "no"}]
        )
        self.assertEqual(["INVALID_ITEM"], [row["code"] for row in self.outbox.dead_letters()])
        self.assertEqual([], self.outbox.pending())
        self.assertEqual(7, self.outbox.visible(GOAL, goal)["title"])
        self.outbox.write(GOAL, {"title": "seven"}, goal)
        self.assertEqual([], self.outbox.dead_letters())

    def test_a_code_that_is_unknown_gets_three_tries(self):
        self.outbox.write(GOAL, {"title": "a"})
        for left in (1, 1, 0):
            self.answer("refused", code="MOON_IN_THE_WRONG_HOUSE")
            self.assertEqual(left, len(self.outbox.pending()))
        self.assertEqual(1, len(self.outbox.dead_letters()))

    def test_another_id_is_taken_over_also_by_what_waits(self):
        goal = self.outbox.write(GOAL, {"title": "a", "id": "G"})
        self.outbox.freeze()
        self.outbox.write(GOAL, {"title": "b"}, goal)
        self.answer(meta={"entityId": "g"}, item={"id": "g", "title": "a"})
        self.assertEqual([(GOAL, "g")], self.outbox.pending())
        self.outbox.write(GOAL, {"title": "c"}, "G")
        self.assertEqual(["g"], [item["id"] for item in self.outbox.list(GOAL)])

    def test_a_request_refused_as_a_whole_is_halved_down_to_the_culprit(self):
        for title in "abcde":
            self.outbox.write(GOAL, {"id": title, "title": title})
        sizes = []
        while self.outbox.pending():
            key, body = self.outbox.freeze()
            goals = json.loads(body)["changes"]["goals"]
            sizes.append(len(goals))
            if "c" in [goal["id"] for goal in goals]:
                self.outbox.split(key, "INVALID_JSON", "no")
            else:
                self.store.run("DELETE FROM outbox WHERE request = ?", key)
                self.store.run("DELETE FROM request")
        self.assertEqual([5, 2, 2, 1, 1, 1], sizes)
        self.assertEqual(["c"], [row["id"] for row in self.outbox.dead_letters()])

    def test_another_user_of_the_folder_sees_nothing(self):
        folder = tempfile.mkdtemp()
        for user, titles in (("alice", []), ("bob", []), ("alice", ["a"])):
            store = Store(folder, user)
            self.assertEqual(titles, [item["title"] for item in Outbox(store).list(GOAL)])
            if user == "alice" and not titles:
                Outbox(store).write(GOAL, {"title": "a"})
            store.close()


class Devices(unittest.TestCase):
    """Against the project's servers, with a line between that breaks."""

    @classmethod
    def setUpClass(cls):
        cls.server, cls.url = serve("--model")
        cls.addClassCleanup(end, cls.server)

    def setUp(self):
        self.user, self.folder = f"user-{random.getrandbits(40)}", Path(tempfile.mkdtemp())

    def client(self, name, url=None, **more):
        client = Client(url or self.url, self.user, token(self.user), self.folder / name, second=0.05, **more)
        self.addCleanup(client.close)
        return client

    def test_two_devices_and_that_of_another_implementation_agree(self):
        phone, laptop = self.client("phone"), self.client("laptop", realtime=False)
        entry = phone.create(ENTRY, {**PRACTICE, "unknown": {"deep": [1.5, None]}})
        eventually(lambda: self.assertEqual([], phone.pending()))
        laptop.pull()
        laptop.update(ENTRY, entry, {"duration": 45})
        eventually(lambda: self.assertEqual(45, phone.get(ENTRY, entry)["duration"]))
        command = (
            "npx",
            "node",
            "bin/mirubato-sync.ts",
            "client",
            "--url",
            self.url,
            "--user",
            self.user,
            "--no-store",
        )
        subprocess.run((*command, "add", "goal", "Ten", "hours"), cwd=ROOT, check=True, capture_output=True)
        eventually(lambda: self.assertEqual(["Ten hours"], [goal["title"] for goal in phone.list(GOAL)]))
        phone.delete(ENTRY, entry)
        eventually(lambda: self.assertIsNone(agreed(phone, laptop, ENTRY, entry)))

    def test_what_was_written_offline_comes_together(self):
        phone, laptop = self.client("phone"), self.client("laptop", realtime=False)
        goal = phone.create(GOAL, {"title": "first"})
        eventually(lambda: self.assertEqual("first", laptop.get(GOAL, goal)["title"]))
        phone.go_offline()
        self.assertRaises(SyncError, phone.flush)
        phone.update(GOAL, goal, {"title": "phone"})
        laptop.update(GOAL, goal, {"title": "laptop, later"})
        for n in range(120):
            phone.create(ENTRY, {**PRACTICE, "duration": n})
        laptop.flush()
        phone.go_online()
        eventually(lambda: self.assertEqual(120, len(laptop.list(ENTRY))))
        eventually(lambda: self.assertEqual("laptop, later", agreed(phone, laptop, GOAL, goal)["title"]))
        self.assertEqual([], phone.pending())

    def test_every_answer_may_get_lost(self):
        line = Line(self.url, random.Random(7))
        self.addCleanup(line.close)
        phone, laptop = self.client("phone", line.url), self.client("laptop", line.url, realtime=False)
        goals = [phone.create(GOAL, {"title": "0"}) for _ in range(5)]
        for n in range(1, 40):
            phone.update(GOAL, goals[n % 5], {"title": str(n)})
            laptop.create(ENTRY, {**PRACTICE, "duration": n})
            time.sleep(0.01)
        line.is_broken = False
        eventually(lambda: self.assertEqual(39, len(phone.list(ENTRY))))
        eventually(lambda: self.assertEqual(phone.list(GOAL), laptop.list(GOAL)))
        self.assertEqual({"35", "36", "37", "38", "39"}, {goal["title"] for goal in laptop.list(GOAL)})
        self.assertGreater(line.lost, 5)

    def test_nothing_is_lost_by_a_kill(self):
        chance, made = random.Random(11), []
        laptop = self.client("laptop", realtime=False)
        for _ in range(6):
            phone = Process(self.url, self.user, str(self.folder / "phone"))
            killer = threading.Timer(chance.uniform(0.05, 0.4), phone.kill)
            killer.start()
            while (made_now := phone.ask("create", type=ENTRY, item=PRACTICE)) is not None:
                made.append(made_now["id"])
            killer.join()
            phone.close()
        phone = self.client("phone")
        there = {entry["id"] for entry in phone.list(ENTRY)}
        self.assertLessEqual(set(made), there)  # one may be there that was not told of any more
        eventually(lambda: self.assertEqual(there, {entry["id"] for entry in laptop.list(ENTRY)}), 20)
        self.assertEqual([], phone.dead_letters())

    def test_a_token_of_another_user_is_not_taken(self):
        phone = self.client("phone")
        self.assertRaises(ValueError, phone.set_token, token("mallory"))

    def test_a_refused_token_is_waited_for(self):
        told = []
        phone = self.client("phone", tell=lambda event, detail: told.append(event))
        phone.go_offline()
        phone.set_token(token(self.user, lives=-3600))
        phone.create(ENTRY, PRACTICE)
        phone.go_online()
        eventually(lambda: self.assertIn("token-needed", told))
        self.assertEqual(("disconnected", 1), (phone.status(), len(phone.pending())))
        phone.set_token(token(self.user))
        eventually(lambda: self.assertEqual(("connected", []), (phone.status(), phone.pending())))


class Process:
    """A client in a process of its own, by its adapter."""

    def __init__(self, url, user, storage):
        self.process = subprocess.Popen(
            (sys.executable, HERE / "adapter.py"), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.ask("open", url=url, user=user, token=token(user), storage=storage, realtime=True, secondMs=50)

    def ask(self, verb, **params):
        """None: it has ended."""
        try:
            self.process.stdin.write(
                json.dumps({"id": 1, "verb": verb, "params": {"client": "c", **params}}) + "\n"
            )
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())["result"]
        except (OSError, ValueError):
            return None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()


class Line(socketserver.ThreadingTCPServer):
    """To a server and back. While it is broken, most connections end at some moment, before or after the
    server heard."""

    daemon_threads = True

    def __init__(self, url, chance):
        super().__init__(("127.0.0.1", 0), None)
        self.target, self.chance = int(url.rpartition(":")[2]), chance
        self.is_broken, self.lost = True, 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def finish_request(self, request, address):
        fault = (
            self.chance.choice(("none", "refused", "unheard", "unanswered", "cut"))
            if self.is_broken
            else "none"
        )
        if fault != "none":
            self.lost += 1
        if fault == "refused":
            return
        with socket.create_connection(("127.0.0.1", self.target)) as server:
            to = threading.Thread(
                target=self.carry, args=(request, server, 40 if fault == "unheard" else None)
            )
            to.start()
            self.carry(server, request, {"unanswered": 0, "cut": 100}.get(fault))
            to.join()

    def carry(self, source, target, most):
        try:
            while data := source.recv(65536):
                target.sendall(data if most is None else data[:most])
                if most is not None:
                    break
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.shutdown()
        self.server_close()


def agreed(one, other, entity_type, entity_id):
    """What both have; AssertionError as long as they differ."""
    if one.get(entity_type, entity_id) != other.get(entity_type, entity_id):
        raise AssertionError("they differ")
    return one.get(entity_type, entity_id)


def eventually(assertion, seconds=10):
    end_at = time.monotonic() + seconds
    while True:
        try:
            return assertion()
        except (AssertionError, TypeError):
            if time.monotonic() > end_at:
                raise
            time.sleep(0.01)


def serve(*how):
    server = subprocess.Popen(
        ("npx", "node", "bin/mirubato-sync.ts", "serve", "--port", "0", *how),
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for line in server.stdout:
        if "http://" in line:
            return server, "http://" + line.split("http://")[1].split()[0]
    raise RuntimeError("the server did not start")


def end(server):
    os.killpg(server.pid, signal.SIGTERM)
    server.wait()
    server.stdout.close()


def token(user, lives=3600):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    claims = part(json.dumps({"sub": user, "exp": int(time.time()) + lives}).encode())
    signed = f"{part(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{claims}"
    return f"{signed}.{part(hmac.new(SECRET, signed.encode(), hashlib.sha256).digest())}"


def cases(name):
    return json.loads((ROOT / "spec" / "vectors" / f"{name}.json").read_text("utf-8"))["cases"]


if __name__ == "__main__":
    unittest.main()
