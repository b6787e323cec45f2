"""Words to search by, and the trigrams by which a mistyped word finds the right one. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

LONGEST = 64
"""What of a word is looked at, characters."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> Iterator[str]:
    """Give the words of a text: small letters without accents; `_`, `-`, `.` and camelCase cut.

    A single letter of the Latin alphabet is none: it would be found everywhere.
    """
    spread = _HUMP.sub(" ", text)
    plain = unicodedata.normalize("NFKD", spread).casefold()
    bare = "".join(one for one in plain if not unicodedata.combining(one))
    for found in _WORD.finditer(bare):
        word = found[0][:LONGEST]
        if len(word) > 1 or not word.isascii():
            yield word


def trigrams(word: str) -> frozenset[str]:
    """Give a word's trigrams; two spaces before and one behind make its beginning count more."""
    padded = f"  {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


def likeness(wanted: str, word: str) -> int:
    """Say how alike two words are: 100 the same, 60 to 99 one begins with the other, else 0 to 59.

    Args:
        wanted: what somebody typed.
        word: what the catalog has.
    """
    if wanted == word:
        return 100
    if word.startswith(wanted):
        return 60 + 39 * len(wanted) // len(word)
    mine, other = trigrams(wanted), trigrams(word)
    shared = len(mine & other)
    return 59 * shared // (len(mine) + len(other) - shared)
