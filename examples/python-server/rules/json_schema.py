"""A validator for as much of JSON Schema as the project's generated schemas use."""
import re

from rules.canonical_json import canonical_json
from rules.instants import parse_instant

MISSING, INVALID = "missing", "invalid"
PATTERNS = {}


def violations(schema, value, root=None, path=()):
    """A list of (path, MISSING or INVALID, text), empty where the value fits; paths are tuples."""
    root = schema if root is None else root
    if schema is True:
        return []
    if schema is False:
        return [(path, INVALID, "must not be there")]
    found = _reference(schema, value, root, path)
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if types and not any(_is_a(name, value) for name in types):
        return found + [(path, INVALID, "must be " + " or ".join(types))]
    found += [(path, INVALID, text) for text in _values(schema, value)]
    if isinstance(value, list):
        found += _list(schema, value, root, path)
    elif isinstance(value, dict):
        found += _object(schema, value, root, path)
    return found + _combined(schema, value, root, path)


def pointer(prefix, path, sent_as=None):
    """A JSON pointer; sent_as gives the names under which members of the item were sent."""
    names = [str((sent_as or {}).get(step, step) if i == 0 else step) for i, step in enumerate(path)]
    return prefix + "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)


def _is_a(name, value):
    if name == "null":
        return value is None
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    python = {"string": str, "array": list, "object": dict, "number": (int, float)}.get(name, ())
    return isinstance(value, python)


def _same(a, b):
    return canonical_json(a) == canonical_json(b)


def _matches(pattern, text):
    if pattern not in PATTERNS:
        PATTERNS[pattern] = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    return PATTERNS[pattern].search(text)


def _reference(schema, value, root, path):
    if "$ref" not in schema:
        return []
    name = schema["$ref"].rpartition("/")[2]
    if name != "instant":
        return violations(root["$defs"][name], value, root, path)
    # DATA-013 wants a day that exists, which a schema cannot say.
    if parse_instant(value) is not None:
        return []
    return [(path, INVALID, "must be an RFC 3339 date-time with an offset, or whole Unix milliseconds")]


def _values(schema, value):
    if "enum" in schema and not any(_same(one, value) for one in schema["enum"]):
        yield "must be one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema and not _same(schema["const"], value):
        yield "must be " + canonical_json(schema["const"])
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield "is too short"
        if len(value) > schema.get("maxLength", len(value)):
            yield "is too long"
        if "pattern" in schema and not _matches(schema["pattern"], value):
            yield "has a wrong form"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield f"must be at least {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield f"must be at most {schema['maximum']}"
        if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
            yield f"must be more than {schema['exclusiveMinimum']}"


def _list(schema, value, root, path):
    found = []
    if len(value) < schema.get("minItems", 0):
        found.append((path, INVALID, "has too few elements"))
    if len(value) > schema.get("maxItems", len(value)):
        found.append((path, INVALID, "has too many elements"))
    for index, element in enumerate(value):
        found += violations(schema.get("items", True), element, root, path + (index,))
    if "contains" in schema and all(violations(schema["contains"], element, root) for element in value):
        found.append((path, INVALID, "lacks an element"))
    return found


def _object(schema, value, root, path):
    properties = schema.get("properties", {})
    needed = list(schema.get("required", ()))
    for name, dependent in schema.get("dependentRequired", {}).items():
        needed += dependent if name in value else ()
    found = [(path + (name,), MISSING, "is required") for name in needed if name not in value]
    for name, member in value.items():
        member_schema = properties.get(name, schema.get("additionalProperties", True))
        found += violations(member_schema, member, root, path + (name,))
    return found


def _combined(schema, value, root, path):
    found = []
    for part in schema.get("allOf", ()):
        found += violations(part, value, root, path)
    if "anyOf" in schema and all(violations(part, value, root, path) for part in schema["anyOf"]):
        found.append((path, INVALID, "fits none of what is allowed"))
    if "not" in schema and not violations(schema["not"], value, root, path):
        found.append((path, INVALID, "fits what it must not"))
    if "if" in schema:
        branch = "else" if violations(schema["if"], value, root, path) else "then"
        found += violations(schema.get(branch, True), value, root, path)
    return found
