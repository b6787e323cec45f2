"""One short text for a set of documents, whatever their order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

_MODULUS = 1 << 256


class Digest:
    """A digest that grows and shrinks with the set.

    It is the sum of the documents' hashes modulo 2^256, so equal sets have equal digests, and two
    that differ by accident don't. It is no proof against somebody who searches for a collision.
    """

    def __init__(self) -> None:
        """Begin with the empty set."""
        self._sum = 0

    def add(self, key: object, document: object) -> None:
        """Put a document in, by its canonical key and content."""
        self._sum = (self._sum + _hash(key, document)) % _MODULUS

    def remove(self, key: object, document: object) -> None:
        """Take a document out that was put in."""
        self._sum = (self._sum - _hash(key, document)) % _MODULUS

    def hexdigest(self) -> str:
        """Give the digest: 64 hex digits."""
        return f"{self._sum:064x}"


def digest(pairs: Iterable[tuple[Any, Any]]) -> str:
    """Give the digest of a set of documents.

    Args:
        pairs: canonical key and canonical document of each, in any order.
    """
    total = Digest()
    for key, document in pairs:
        total.add(key, document)
    return total.hexdigest()


def _hash(key: object, document: object) -> int:
    content = msgspec.json.encode((key, document), order="deterministic")
    return int.from_bytes(hashlib.blake2b(content, digest_size=32).digest(), "big")
