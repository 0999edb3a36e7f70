"""Score ids: derived from title and composer (NORM-004), or present and normalised (NORM-005)."""
import re

# ECMAScript's \s, which is neither Python's nor Unicode's.
WHITE_SPACE = (
    "\t\n\x0b\x0c\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
WHITE_SPACE_RUN = re.compile(f"[{WHITE_SPACE}]+")
MADE_BY_AN_APP = re.compile(r"score_[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*")
SINGLE_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'"})
TITLE_SIGNS = SINGLE_QUOTES | str.maketrans({"\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})


def derive_score_id(title, composer):
    """The id of a score without one; composer may be None."""
    title = _squeeze(title.lower().translate(TITLE_SIGNS))
    composer = _squeeze((composer or "").lower().translate(SINGLE_QUOTES).replace(".", "")) or "unknown"
    return title + ("||" if "-" in title or "-" in composer else "-") + composer


def normalise_score_id(score_id):
    """The stored form of an id that was sent."""
    trimmed = score_id.strip(WHITE_SPACE)
    if MADE_BY_AN_APP.fullmatch(trimmed) or ("-" not in trimmed and "||" not in trimmed):
        return trimmed
    return trimmed.lower()


def is_blank(title):
    """Whether nothing can be derived from it: white space only counts as no title."""
    return title is None or (isinstance(title, str) and not title.strip(WHITE_SPACE))


def _squeeze(text):
    return WHITE_SPACE_RUN.sub(" ", text).strip(WHITE_SPACE)
