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

_LOOKING = re.compile(r"\(\?<?[=!]")
_BACK = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[1-9]|k<)")
_SET_OPERATORS = re.compile(r"\[[^\]]*(?:&&|--|~~|\[)")
_FLAGS = re.compile(r"\(\?[a-zA-Z-]+[:)]|\(\?P")


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
    if len(pattern) > LONGEST:
        return f"it has more than {LONGEST:,} characters"
    if _LOOKING.search(pattern):
        return "it looks ahead or behind: (?=…), (?!…), (?<=…), (?<!…) take unbounded time"
    if _BACK.search(pattern):
        return "it refers back to a group (\\1): that takes unbounded time"
    if _FLAGS.search(pattern):
        return "(?i) and other flags are not in ECMA-262"
    if _SET_OPERATORS.search(pattern):
        return (
            "a class has `[`, `&&`, `--` or `~~` in it: write `\\[`, `\\&\\&`, `\\-\\-`, `\\~\\~`"
        )
    return None
