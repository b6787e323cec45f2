"""Texts as both databases can hold them, and JSON in one canonical form."""

from __future__ import annotations

import hashlib
import json

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def clean(text: object) -> str:
    """Give a text without what PostgreSQL or UTF-8 can't hold: NUL and lone surrogates.

    Args:
        text: a text; another scalar is written out, None is empty.
    """
    if text is None:
        return ""
    written = str(text).replace("\0", _REPLACEMENT)
    return written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def canonical(value: object) -> str:
    """Give a value of a document as JSON; equal values give equal texts."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return clean(text)


def sha256(text: str) -> str:
    """Give the SHA-256 of a clean text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
