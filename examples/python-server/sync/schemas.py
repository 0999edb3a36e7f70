"""The project's generated JSON Schemas."""
import json
from pathlib import Path

from rules.entity_types import ENTITY_TYPES

FOLDER = Path(__file__).resolve().parents[3] / "schemas" / "generated" / "json-schema"


def _read(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


ITEM_SCHEMAS = {entity_type: _read(entity_type) for entity_type in ENTITY_TYPES}
CLIENT_MESSAGE = _read("client_message")
