"""Tokens: JWS compact, HS256 only (spec/auth.md)."""
import base64
import hashlib
import hmac
import re
import time

from rules.i_json import InvalidJson, parse_i_json
from sync.problems import Problem

BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*)")
BASE64URL = re.compile(r"[A-Za-z0-9_\-]*")
COOKIE = "auth-token"


def invalid_token(why, code="TOKEN_INVALID"):
    """AUTH-009; the text never has any of the token (AUTH-014)."""
    return Problem(code, why, headers={"WWW-Authenticate": 'Bearer realm="sync", error="invalid_token"'})


class Auth:
    """Judges tokens, and where a request may carry one."""

    def __init__(self, secret, origins, leeway_ms):
        self.secret = secret.encode()
        self.origins = origins
        self.leeway_s = leeway_ms / 1000

    def user_of(self, headers):
        """The user of an HTTP request: by Authorization alone if it is there (AUTH-010), else by cookie."""
        lines = headers.get_all("Authorization")
        if lines is not None:
            match = BEARER.fullmatch(lines[0].strip(" \t")) if len(lines) == 1 else None
            if not match:
                raise invalid_token("The Authorization header does not hold one bearer token.")
            return self.verify(match.group(1))[0]
        if headers.get("Origin", "").strip() in self.origins:  # AUTH-011
            token = _cookie(headers)
            if token is not None:
                return self.verify(token)[0]
        raise Problem(
            "TOKEN_MISSING",
            'Send an access token as "Authorization: Bearer …".',
            headers={"WWW-Authenticate": 'Bearer realm="sync"'},
        )

    def verify(self, token):
        """(sub, exp) of a good token; else a Problem."""
        header, payload, signature = _parts(token)
        try:
            head = parse_i_json(header)
        except InvalidJson:
            raise invalid_token("Not a JWS in compact form.") from None
        if not isinstance(head, dict) or head.get("alg") != "HS256" or "crit" in head:
            raise invalid_token("The algorithm has to be HS256.")
        expected = hmac.new(self.secret, token.rpartition(".")[0].encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(expected, signature):
            raise invalid_token("The signature does not verify.")
        try:
            claims = parse_i_json(payload)
        except InvalidJson:
            raise invalid_token("The payload is not JSON.") from None
        return self._judge(claims)

    def _judge(self, claims):
        if not isinstance(claims, dict) or not _is_number(claims.get("exp")):
            raise invalid_token("exp has to be a number.")  # AUTH-005
        subject, expires = claims.get("sub"), claims["exp"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise invalid_token("sub has to be a text of 1 to 255 characters.")  # AUTH-007
        if claims.get("type", "access") != "access":
            raise invalid_token("Only access tokens are accepted.")  # AUTH-008
        now, not_before = time.time(), claims.get("nbf", 0)
        if not _is_number(not_before) or not_before > now + self.leeway_s:
            raise invalid_token("The token is not valid yet.")  # AUTH-006
        if now > expires + self.leeway_s:
            raise invalid_token("The token has expired.", "TOKEN_EXPIRED")  # AUTH-004
        return subject, expires


def _parts(token):
    parts = token.split(".")
    decoded = [_from_base64url(part) for part in parts]
    if len(parts) != 3 or None in decoded:
        raise invalid_token("Not a JWS in compact form.")
    return decoded


def _from_base64url(part):
    """Bytes, or None for what RFC 7515 does not allow: padding, other signs, stray bits."""
    if not BASE64URL.fullmatch(part):
        return None
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return None
    return data if base64.urlsafe_b64encode(data).rstrip(b"=").decode() == part else None


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _cookie(headers):
    for line in headers.get_all("Cookie") or ():
        for pair in line.split(";"):
            name, equals, value = pair.strip(" \t").partition("=")
            if equals and name == COOKIE:
                quoted = len(value) > 1 and value[0] == value[-1] == '"'
                return value[1:-1] if quoted else value
    return None
