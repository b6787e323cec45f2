"""What a YAML scalar means: the core schema of YAML 1.2 (10.3.2), so dates and `yes` are texts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

MAX_DIGITS = 4_000
"""A longer number is refused: reading it takes time that grows with the square."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]+\Z|0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)\Z")
_NOT_A_NUMBER = frozenset({".nan", ".NaN", ".NAN"})
_TYPES: Mapping[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}
_BEGINS_A_NUMBER = frozenset("+-.0123456789")


def plain(text: str) -> Any:
    """Give the value of a plain scalar: None, a boolean, a number or a text.

    Raises:
        OverflowError: when it is a number of more than `MAX_DIGITS` digits.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] in _BEGINS_A_NUMBER:
        return _number(text)
    return text


def _number(text: str) -> Any:
    if _INTEGER.match(text):
        _check_length(text)
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)
    if _FLOAT.match(text):
        _check_length(text)
        return float(text)
    infinite = _INFINITE.match(text)
    if infinite:
        return -math.inf if infinite[1] == "-" else math.inf
    return math.nan if text in _NOT_A_NUMBER else text


def _check_length(text: str) -> None:
    if len(text) > MAX_DIGITS:
        raise OverflowError(f"a number of {len(text):,} digits")


def tagged(tag: str, text: str) -> Any:
    """Give the value of a scalar that says its type, such as `!!str 12`.

    Args:
        tag: `str`, `int`, `float`, `bool` or `null`.
        text: the scalar.

    Raises:
        ValueError: when the text is none of that type.
        OverflowError: when it is too long a number.
    """
    if tag == "str":
        return text
    value = plain(text)
    if type(value) not in _TYPES[tag]:
        raise ValueError(f"`{text[:40]}` is no {tag}")
    return float(value) if tag == "float" else value
