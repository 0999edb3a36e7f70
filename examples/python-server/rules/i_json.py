"""Reads I-JSON (RFC 7493): DATA-008 to DATA-012, LIM-005."""
import json
import re

MAX_INTEGER = 2**53 - 1
DEEPEST = 400  # where the caller sets no limit: what json.loads can take without running out of stack
TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")


class InvalidJson(Exception):
    """What was sent is no I-JSON; its text says why and can follow "is"."""


def parse_i_json(body, max_depth=DEEPEST):
    """The value that the bytes stand for. The outermost array or object is level 1."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidJson("not UTF-8") from None
    _refuse_depth(text, max_depth)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_fraction,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError):
        raise InvalidJson("not JSON") from None
    _refuse_lone_surrogates(value)
    return value


def _refuse_depth(text, max_depth):
    depth = 0
    for match in TEXT_OR_BRACKET.finditer(text):
        character = text[match.start()]
        if character in "[{":
            depth += 1
            if depth > max_depth:
                raise InvalidJson(f"nested deeper than {max_depth} levels")
        elif character in "]}":
            depth -= 1


def _integer(digits):
    if len(digits) > 17 or abs(int(digits)) > MAX_INTEGER:
        raise InvalidJson("an integer beyond 2^53-1")
    return int(digits)


def _fraction(text):
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise InvalidJson("a number that overflows binary64")
    return number


def _constant(_):
    raise InvalidJson("not JSON: NaN and Infinity do not exist in it")


def _members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidJson("an object with a duplicate member name")
    if any(SURROGATE.search(name) for name in members):
        raise InvalidJson("an object with a lone surrogate in a member name")
    return members


def _refuse_lone_surrogates(value):
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            if SURROGATE.search(top):
                raise InvalidJson("a text with a lone surrogate")
        elif isinstance(top, list):
            stack.extend(top)
        elif isinstance(top, dict):
            stack.extend(top.values())
