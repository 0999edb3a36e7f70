"""Writes JSON: canonical (RFC 8785) for checksums and fingerprints, in the members' own order for answers."""
import json

encode_text = json.JSONEncoder(ensure_ascii=False).encode


class Verbatim:
    """JSON text that is written as it is: an item that the store holds as text."""

    __slots__ = ("text",)

    def __init__(self, text):
        self.text = text


def canonical_json(value):
    """The text of RFC 8785."""
    pieces = []
    _write(value, pieces, lambda members: sorted(members, key=lambda name: name.encode("utf-16-be")))
    return "".join(pieces)


def json_bytes(value):
    """UTF-8, members in the order in which they were put."""
    pieces = []
    _write(value, pieces, list)
    return "".join(pieces).encode("utf-8")


def number_text(number):
    """Number::toString of ECMAScript, which RFC 8785 prescribes."""
    if isinstance(number, int):
        return str(number)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("not a JSON number")
    if number == 0:
        return "0"
    mantissa, _, exponent = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    point = len(whole) + int(exponent or 0)  # where the decimal point stands, counted from the first digit
    point -= len(digits) - len(digits.lstrip("0"))
    digits = digits.strip("0")
    return ("-" if number < 0 else "") + _place_point(digits, point)


def _place_point(digits, point):
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = point - 1
    fraction = "." + digits[1:] if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{exponent:+d}"


def _write(value, pieces, names_of):
    if value is None:
        pieces.append("null")
    elif value is True:
        pieces.append("true")
    elif value is False:
        pieces.append("false")
    elif isinstance(value, str):
        pieces.append(encode_text(value))
    elif isinstance(value, (int, float)):
        pieces.append(number_text(value))
    elif isinstance(value, Verbatim):
        pieces.append(value.text)
    elif isinstance(value, (list, tuple)):
        pieces.append("[")
        for index, element in enumerate(value):
            pieces.append("," if index else "")
            _write(element, pieces, names_of)
        pieces.append("]")
    else:
        pieces.append("{")
        for index, name in enumerate(names_of(value)):
            pieces.append(("," if index else "") + encode_text(name) + ":")
            _write(value[name], pieces, names_of)
        pieces.append("}")
