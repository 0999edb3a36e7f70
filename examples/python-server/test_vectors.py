"""The rules against the vectors of the project: python3 -m unittest, in this folder."""
import json
import struct
import unittest
from pathlib import Path

from rules.canonical_json import canonical_json, number_text
from rules.checksums import checksum, content, fingerprint
from rules.i_json import InvalidJson, parse_i_json
from rules.instants import instant_text, parse_instant
from rules.normalise import camel_case, normalise, place_id
from rules.score_ids import derive_score_id, is_blank, normalise_score_id
from sync.entities import Entity
from sync.items import is_deletion, is_entity_id

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors"


class VectorTest(unittest.TestCase):
    def test_stamps(self):
        for case in cases("stamps"):
            with self.subTest(case["name"]):
                a, b = stamp_of(case["a"]), stamp_of(case["b"])
                self.assertEqual(case["order"], "less" if a < b else "greater" if a > b else "equal")

    def test_instants(self):
        for case in cases("instants"):
            with self.subTest(case["name"]):
                unix_ms = parse_instant(case["value"])
                self.assertEqual(case["unixMs"], unix_ms)
                self.assertEqual(case["canonical"], None if unix_ms is None else instant_text(unix_ms))

    def test_canonical_json(self):
        for case in cases("canonical-json"):
            with self.subTest(case["name"]):
                self.assertEqual(case["canonical"], canonical_json(parse_i_json(case["text"].encode())))

    def test_canonical_numbers(self):
        for case in cases("canonical-numbers"):
            with self.subTest(case["name"]):
                number = struct.unpack(">d", bytes.fromhex(case["ieee754"]))[0]
                if case["canonical"] is None:
                    self.assertRaises(ValueError, number_text, number)
                else:
                    self.assertEqual(case["canonical"], number_text(number))

    def test_checksums(self):
        for case in cases("checksums"):
            with self.subTest(case["name"]):
                if is_deletion(camel_case(case["item"])[0]):
                    self.assertEqual("", case["checksum"])
                    continue
                item = as_stored(case["entityType"], case["item"])
                self.assertEqual(case["canonical"], canonical_json(content(item)))
                self.assertEqual(case["checksum"], checksum(item))

    def test_derived_score_ids(self):
        for case in cases("score-ids-derived"):
            with self.subTest(case["name"]):
                title, composer = case["title"], case.get("composer")
                self.assertEqual(case["id"], None if is_blank(title) else derive_score_id(title, composer))

    def test_present_score_ids(self):
        for case in cases("score-ids-present"):
            with self.subTest(case["name"]):
                self.assertEqual(case["normalised"], normalise_score_id(case["id"]))

    def test_normalisation(self):
        for case in cases("normalise"):
            with self.subTest(case["name"]):
                after = canonical_json(case["after"])
                for item in (case["before"], case["after"]):
                    self.assertEqual(after, canonical_json(as_stored(case["entityType"], item)))

    def test_entity_ids(self):
        for case in cases("entity-ids"):
            with self.subTest(case["name"]):
                item, sent_as = camel_case(case["item"])
                entity_id = item.get(place_id(case["entityType"], item, sent_as))
                self.assertEqual(case["entityId"], entity_id if is_entity_id(entity_id) else None)
                self.assertEqual(case["deletion"], is_deletion(item))

    def test_i_json(self):
        for case in cases("i-json"):
            with self.subTest(case["name"]):
                body = case["text"].encode() if "text" in case else bytes.fromhex(case["bytesHex"])
                if "refused" in case:
                    self.assertRaises(InvalidJson, parse_i_json, body, case["maxDepth"])
                else:
                    value = parse_i_json(body, case["maxDepth"])
                    self.assertEqual(canonical_json(case["value"]), canonical_json(value))

    def test_fingerprints(self):
        for case in cases("fingerprints"):
            with self.subTest(case["name"]):
                bodies = [body.encode() for body in case.get("bodies", ())]
                if "bytesHex" in case:
                    bodies.append(bytes.fromhex(case["bytesHex"]))
                for body in bodies:
                    self.assertEqual(case["fingerprint"], fingerprint(body))


def cases(name):
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["cases"]


def as_stored(entity_type, item):
    item, sent_as = camel_case(item)
    place_id(entity_type, item, sent_as)
    return normalise(entity_type, item)


def stamp_of(state):
    return Entity("", "", 1, 1, state["updatedAt"], int(state["deleted"]), state["checksum"], None).stamp


if __name__ == "__main__":
    unittest.main()
