"""The user's writes: how they are stamped, laid over what is confirmed, frozen into requests, and settled."""

import json
import uuid

from rules import (
    ACCEPTED,
    COLLECTION_OF,
    TYPE_OF,
    id_member,
    instant_text,
    now_ms,
    parse_instant,
    prepare,
    same_content,
)

# errors.md: what no repetition mends.
PERMANENT = ("INCOMPLETE", "INVALID_ITEM", "UNKNOWN_COLLECTION", "ITEM_TOO_LARGE")
NEVER_A_DEAD_LETTER = ("CLOCK_SKEW", "VERSION_CONFLICT")  # CLI-030
TRIES = 3
MOST_BYTES = 900_000  # of a body: below the least that a server must take


class NotThere(Exception):
    """There is no such entity, or no such dead letter."""


class Outbox:
    def __init__(self, store):
        self.store = store

    # What the user does

    def write(self, entity_type, given, entity_id=None):
        """Sets members of the entity, or makes it; visible and durable when this returns (CLI-015).
        Returns the id."""
        with self.store.transaction():
            if entity_id is None:
                item, entity_id = prepare(entity_type, given)
                entity_id = self.current_id(entity_type, entity_id)
                before = self.visible(entity_type, entity_id)
            else:
                entity_id = self.current_id(entity_type, entity_id)
                before = self.visible(entity_type, entity_id)
                if before is None:
                    raise NotThere(f"there is no {entity_type} {entity_id}")
                item, _ = prepare(entity_type, {**before, **given, id_member(entity_type): entity_id})
            item[id_member(entity_type)] = entity_id
            if before is None or not same_content(before, item):  # CLI-016
                at = self._stamp(entity_type, entity_id)
                self._queue(
                    entity_type, entity_id, {**item, "updatedAt": instant_text(at)}, at, deleted=False
                )
        return entity_id

    def delete(self, entity_type, entity_id):
        with self.store.transaction():
            entity_id = self.current_id(entity_type, entity_id)
            if self.visible(entity_type, entity_id) is None:
                return
            if self.store.confirmed(entity_type, entity_id) is None and not self._rows(
                entity_type, entity_id, "(state = 'sent' OR may_be_there)"
            ):
                # No server ever heard of it. What was sent is another matter: it may have arrived (CLI-021).
                self.store.run("DELETE FROM outbox WHERE type = ? AND id = ?", entity_type, entity_id)
                return
            at = self._stamp(entity_type, entity_id)
            item = {id_member(entity_type): entity_id, "deletedAt": instant_text(at)}
            self._queue(entity_type, entity_id, item, at, deleted=True)

    def retry(self, entity_type, entity_id):
        """Sends a dead letter once more, as it was: with its stamp (CLI-004)."""
        self._take_dead(
            entity_type, entity_id, "UPDATE outbox SET state = 'waiting', tries = 0, code = NULL WHERE n = ?"
        )

    def discard(self, entity_type, entity_id):
        self._take_dead(entity_type, entity_id, "DELETE FROM outbox WHERE n = ?")

    def _take_dead(self, entity_type, entity_id, sql):
        with self.store.transaction():
            entity_id = self.current_id(entity_type, entity_id)
            dead = self._rows(entity_type, entity_id, "state = 'dead'")
            if not dead:
                raise NotThere(f"there is no dead letter of {entity_type} {entity_id}")
            self.store.run(sql, dead[0]["n"])

    # What the user sees: the confirmed layer under everything that is not acknowledged (CLI-024)

    def visible(self, entity_type, entity_id):
        """The item, or None."""
        return _upper(self.store.confirmed(entity_type, entity_id), self._rows(entity_type, entity_id))

    def list(self, entity_type):
        with self.store.lock:
            confirmed = {
                r["id"]: r for r in self.store.rows("SELECT * FROM confirmed WHERE type = ?", entity_type)
            }
            edits = {}
            for row in self.store.rows("SELECT * FROM outbox WHERE type = ? ORDER BY n", entity_type):
                edits.setdefault(row["id"], []).append(row)
        items = (_upper(confirmed.get(i), edits.get(i, [])) for i in sorted({*confirmed, *edits}))
        return [item for item in items if item is not None]

    def pending(self):
        """(type, id) of every entity with a write that is not acknowledged."""
        sql = "SELECT type, id FROM outbox WHERE state != 'dead' GROUP BY type, id ORDER BY min(n)"
        return [(row["type"], row["id"]) for row in self.store.rows(sql)]

    def dead_letters(self):
        return self.store.rows("SELECT * FROM outbox WHERE state = 'dead' ORDER BY n")

    def current_id(self, entity_type, entity_id):
        """The id by now, where the server gave the entity another one than the app did (CLI-006)."""
        row = self.store.row("SELECT now FROM alias WHERE type = ? AND id = ?", entity_type, entity_id)
        return row["now"] if row else entity_id

    def _rows(self, entity_type, entity_id, which="1"):
        return self.store.rows(
            f"SELECT * FROM outbox WHERE type = ? AND id = ? AND {which} ORDER BY n", entity_type, entity_id
        )

    # Stamps

    def clock(self):
        """The server's time as far as it is known."""
        return now_ms() + self.store.get("clockOffset", 0)

    def measure(self, server_ms, asked_ms, answered_ms):
        """The server's clock showed server_ms at some moment between asking and being answered."""
        offset = self.store.get("clockOffset", 0)
        mended = min(max(offset, server_ms - answered_ms), server_ms - asked_ms)
        if mended != offset:
            self.store.put("clockOffset", mended)

    def _stamp(self, entity_type, entity_id):
        """CLI-002."""
        at = self.clock()
        seen = self.store.seen(entity_type, entity_id)
        if seen is not None:
            at = max(at, seen + 1)
        for row in self._rows(entity_type, entity_id, "(state = 'sent' OR may_be_there)"):
            at = max(at, row["at"] + 1)
        return at

    def _queue(self, entity_type, entity_id, item, at, deleted):
        # Edits that were never sent coalesce, and one takes the place of a dead letter (CLI-019, CLI-029).
        own = self._rows(entity_type, entity_id, "state != 'sent' AND NOT may_be_there")
        self.store.run(
            "DELETE FROM outbox WHERE type = ? AND id = ? AND state != 'sent' AND NOT may_be_there",
            entity_type,
            entity_id,
        )
        self.store.run(
            "INSERT INTO outbox (n, type, id, item, at, deleted, clock_offset, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')",
            own[0]["n"] if own else None,
            entity_type,
            entity_id,
            json.dumps(item, allow_nan=False),
            at,
            deleted,
            self.store.get("clockOffset", 0),
        )

    # Sending

    def freeze(self, most=50, but=()):
        """The request to be sent: the one without an answer, else a new one; None: there is nothing to send.

        @param but: the n of writes that are not to go yet
        @returns (key, body), durable, and from now on never changed (CLI-019)
        """
        with self.store.transaction():
            frozen = self.store.row("SELECT * FROM request")
            if frozen:
                return frozen["key"], frozen["body"]
            rows, entities, size = [], set(), 0
            for row in self.store.rows("SELECT * FROM outbox WHERE state = 'waiting' ORDER BY n"):
                entity = (row["type"], row["id"])
                if entity in entities:
                    continue
                entities.add(entity)  # its later writes come after this one, whether it goes or not (CLI-022)
                most_now = min(most, row["most"])
                size += len(row["item"]) + 50
                if row["n"] in but or len(rows) >= most_now or (rows and size > MOST_BYTES):
                    continue
                rows.append(row)
                most = most_now
            if not rows:
                return None
            key, changes = str(uuid.uuid4()), {}
            for row in rows:
                items = changes.setdefault(COLLECTION_OF[row["type"]], [])
                pointer = f"/changes/{COLLECTION_OF[row['type']]}/{len(items)}"
                items.append(json.loads(row["item"]))
                self.store.run(
                    "UPDATE outbox SET state = 'sent', request = ?, pointer = ? WHERE n = ?",
                    key,
                    pointer,
                    row["n"],
                )
            body = json.dumps({"changes": changes}).encode()
            self.store.run("INSERT INTO request VALUES (?, ?)", key, body)
            return key, body

    def settle(self, key, results):
        """All that an answer says, in one transaction (CLI-005, CLI-008, CLI-018).

        @returns those of the results whose items wait again, each with its row
        """
        again = []
        with self.store.transaction():
            rows = {r["pointer"]: r for r in self.store.rows("SELECT * FROM outbox WHERE request = ?", key)}
            for result in results:
                row = rows.pop(result["pointer"], None)
                if row is None:
                    continue
                if result["outcome"] in ACCEPTED:
                    self._acknowledge(row, result)
                elif self._refuse(row, result):
                    again.append((row, result))
            for row in rows.values():  # what the answer did not name
                self.store.run(
                    "UPDATE outbox SET state = 'waiting', may_be_there = 1, request = NULL WHERE n = ?",
                    row["n"],
                )
            self.store.run("DELETE FROM request WHERE key = ?", key)
        return again

    def _acknowledge(self, row, result):
        meta = result["meta"]
        if "item" in result or meta["deletedAt"] is not None:
            self.store.apply(meta, result.get("item"))
        elif result["outcome"] != "superseded":
            self.store.apply(meta, json.loads(row["item"]))
        self.store.run("DELETE FROM outbox WHERE n = ?", row["n"])
        if meta["entityId"] != row["id"]:
            self._re_key(row["type"], row["id"], meta["entityId"])

    def _re_key(self, entity_type, before, now):
        """CLI-006."""
        self.store.run("UPDATE alias SET now = ? WHERE type = ? AND now = ?", now, entity_type, before)
        self.store.run("INSERT OR REPLACE INTO alias VALUES (?, ?, ?)", entity_type, before, now)
        for row in self._rows(entity_type, before):
            item = {**json.loads(row["item"]), id_member(entity_type): now}
            self.store.run("UPDATE outbox SET id = ?, item = ? WHERE n = ?", now, json.dumps(item), row["n"])

    def _refuse(self, row, result):
        """Whether it is to be sent again."""
        code, n = result["code"], row["n"]
        successors = self._rows(row["type"], row["id"], f"n > {n} AND state = 'waiting' AND NOT may_be_there")
        if code == "VERSION_CONFLICT" and "meta" in result:  # CLI-031
            self.store.apply(result["meta"], result.get("item"))
        if successors:  # a newer edit takes its place (CLI-019, CLI-029)
            self.store.run("DELETE FROM outbox WHERE n = ?", n)
            row, n = successors[0], successors[0]["n"]
        if code == "CLOCK_SKEW":
            self._stamp_again(row, result)
        elif not successors and (
            code in PERMANENT or (code not in NEVER_A_DEAD_LETTER and row["tries"] + 1 >= TRIES)
        ):
            detail = next((error["detail"] for error in result.get("errors", []) if "detail" in error), None)
            self._bury(n, code, detail)
            return False
        tries = 0 if successors or code in NEVER_A_DEAD_LETTER else row["tries"] + 1
        self.store.run(
            "UPDATE outbox SET state = 'waiting', may_be_there = 0, request = NULL, tries = ? WHERE n = ?",
            tries,
            n,
        )
        return True

    def _stamp_again(self, row, result):
        """CLI-003. The clock's error is by how much the stamp was wrong, so without what was corrected
        already."""
        error = row["clock_offset"] - self.store.get("clockOffset", 0)
        at = min(row["at"] - error, parse_instant(result["serverTime"]))
        seen = self.store.seen(row["type"], row["id"])
        at = at if seen is None else max(at, seen + 1)
        item = json.loads(row["item"])
        item["deletedAt" if row["deleted"] else "updatedAt"] = instant_text(at)
        self.store.run(
            "UPDATE outbox SET item = ?, at = ?, clock_offset = ? WHERE n = ?",
            json.dumps(item),
            at,
            self.store.get("clockOffset", 0),
            row["n"],
        )

    def _bury(self, n, code, detail):
        self.store.run(
            "UPDATE outbox SET state = 'dead', may_be_there = 0, request = NULL, code = ?, detail = ?"
            " WHERE n = ?",
            code,
            detail,
            n,
        )

    def split(self, key, code, detail):
        """The request was refused as a whole (CLI-028): its halves go under new keys, one item alone is a
        dead letter."""
        with self.store.transaction():
            rows = self.store.rows("SELECT * FROM outbox WHERE request = ? ORDER BY n", key)
            if len(rows) == 1:
                row = rows[0]
                if self._rows(
                    row["type"], row["id"], f"n > {row['n']} AND state = 'waiting' AND NOT may_be_there"
                ):
                    self.store.run("DELETE FROM outbox WHERE n = ?", row["n"])
                else:
                    self._bury(row["n"], code, detail)
            else:
                self.store.run("UPDATE outbox SET most = ? WHERE request = ?", max(1, len(rows) // 2), key)
            self.thaw(key)

    def thaw(self, key):
        """The request is given up: its items wait again, for another key, with the stamps that they have."""
        with self.store.transaction():
            self.store.run(
                "UPDATE outbox SET state = 'waiting', may_be_there = 1, request = NULL WHERE request = ?", key
            )
            self.store.run("DELETE FROM request WHERE key = ?", key)


def _upper(confirmed, edits):
    """The item that the user sees. A write that is not acknowledged ranks below every other of its time
    and kind."""
    shown = confirmed
    for edit in edits:
        if shown is None or (edit["at"], edit["deleted"]) > (shown["at"], shown["deleted"]):
            shown = edit
    return None if shown is None or shown["deleted"] else json.loads(shown["item"])


def changes_of(answer):
    """(meta, item) of everything on a page of a pull; item is None for a deletion."""
    for collection in TYPE_OF:
        yield from zip(answer["meta"][collection], answer[collection])
    for meta in answer["deleted"]:
        yield meta, None
