"""Regular expressions of contracts: searched in linear time, whatever the expression and text.

ODCS says ECMA-262. The engine behind `jsonschema_rs` reads that and never goes back in the text, so
no expression can stop an engine; in exchange it has no look-around and no back references.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import jsonschema_rs

Search = Callable[[str], bool]

LONGEST = 2_000
"""Characters of the longest expression that is taken."""

_SIZE_LIMIT = 1 << 20
"""Bytes that a compiled expression may have: `(a{1,1000}){1,1000}` has more."""

_PART = re.compile(
    r"""(?P<back>\\[1-9]|\\k<)
      | (?P<escaped>\\.)
      | (?P<looking>\(\?<?[=!])
      | (?P<group>\(\?(?::|<))
      | (?P<flags>\(\?)
      | (?P<empty>\[\^?\])
      | (?P<opened>\[)
      | (?P<closed>\])
      | (?P<operator>&&|--|~~)
      | (?P<twice>(?:[*+?]|\{[0-9,]+\})\??(?=[*+]|\{[0-9]))
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_REFUSED = {
    "back": "it refers back to a group (\\1): that takes unbounded time",
    "looking": "it looks ahead or behind: (?=…), (?!…), (?<=…), (?<!…) take unbounded time",
    "flags": "(?i) and other flags are not in ECMA-262",
    "empty": "an empty class: no character is in [], and each is in [^]",
    "twice": "it repeats a repetition",
}
_REFUSED_IN_CLASS = {
    "opened": "a class has `[` in it: write `\\[`",
    "operator": "a class has `&&`, `--` or `~~` in it: write a `\\` before each",
}


class BadPattern(ValueError):
    """An expression that can't be searched for; the message says why."""


@functools.lru_cache(1024)
def search(pattern: str) -> Search:
    """Give the function that tells whether an expression is found in a text.

    Args:
        pattern: by ECMA-262; found anywhere unless it says `^` and `$`.

    Raises:
        BadPattern: when it is no expression, or one that can't be searched for in linear time.
    """
    reason = _refusal(pattern)
    if reason is not None:
        raise BadPattern(reason)
    options = jsonschema_rs.RegexOptions(size_limit=_SIZE_LIMIT)
    schema = {"type": "string", "pattern": pattern}
    try:
        return jsonschema_rs.validator_for(schema, pattern_options=options).is_valid
    except (jsonschema_rs.ValidationError, ValueError) as error:
        raise BadPattern("it is no regular expression of ECMA-262, or a huge one") from error


def _refusal(pattern: str) -> str | None:
    """Tell what in an expression isn't taken, or means something else to the engine."""
    if len(pattern) > LONGEST:
        return f"it has more than {LONGEST:,} characters"
    in_class = False
    for part in _PART.finditer(pattern):
        kind = part.lastgroup or ""
        reason = (_REFUSED_IN_CLASS if in_class else _REFUSED).get(kind)
        if reason is not None:
            return reason
        if kind in ("opened", "closed"):
            in_class = kind == "opened"
    return None
