"""Instants: DATA-013 to DATA-015."""
import re
from datetime import datetime, timedelta

EARLIEST_MS = -62135596800000  # 0001-01-01T00:00:00.000Z
LATEST_MS = 253402300799999  # 9999-12-31T23:59:59.999Z
EPOCH = datetime(1970, 1, 1)
DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def parse_instant(value):
    """Unix milliseconds of a number or an RFC 3339 text; None if it is no instant."""
    if isinstance(value, str):
        unix_ms = _parse_text(value)
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        return None
    else:
        unix_ms = int(value)
    return unix_ms if unix_ms is not None and EARLIEST_MS <= unix_ms <= LATEST_MS else None


def _parse_text(text):
    match = DATE_TIME.fullmatch(text)
    if not match:
        return None
    try:
        moment = datetime(*(int(match.group(i)) for i in range(1, 7)))
    except ValueError:
        return None
    unix_ms = (moment - EPOCH) // timedelta(milliseconds=1)
    fraction, sign, hours, minutes = match.group(7, 8, 9, 10)
    if fraction:
        unix_ms += int((fraction + "00")[:3])
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            return None
        offset = (int(hours) * 60 + int(minutes)) * 60000
        unix_ms -= offset if sign == "+" else -offset
    return unix_ms


def instant_text(unix_ms):
    """The canonical text, which answers use (DATA-015)."""
    t = EPOCH + timedelta(milliseconds=unix_ms)
    date = f"{t.year:04d}-{t.month:02d}-{t.day:02d}"
    return f"{date}T{t.hour:02d}:{t.minute:02d}:{t.second:02d}.{t.microsecond // 1000:03d}Z"
