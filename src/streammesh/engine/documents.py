"""From keys to documents: computed from the state's tables, encoded, held against the contract."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw
import msgspec

from streammesh.contracts.violations import Violation
from streammesh.deployments.codecs import codec_of
from streammesh.deployments.deployment import ProductDeployment
from streammesh.engine.conditions import Conditions
from streammesh.engine.rows import Key
from streammesh.engine.state import State
from streammesh.models.compiled import GIVEN_TWICE
from streammesh.models.uncomputable import Uncomputable

WANTED = "temp.wanted"

AT_ONCE = 20_000
"""Documents that are computed at once: bounds what is in memory besides their bytes."""

_UNCOMPUTABLE = (
    Uncomputable,
    apsw.SQLError,
    apsw.TooBigError,
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RecursionError,
)
"""What the computation of one document may end with. It must not end that of the others."""

GONE = b""
"""Digest of no document."""

_NO_KEY = b"\xff"
"""Before the bytes of a key that can't be on the topic; messages there begin with a zero byte."""


@dataclass
class Documents:
    """What a set of keys evaluates to.

    Attributes:
        keys: the keys asked for.
        key_bytes: the same as the product topic has them.
        values: for each key, the value's bytes; a Violation; None where there is no document.
        digests: for each key, a digest of what would be published or quarantined.
        texts: documents as the model gave them, JSON in state form, by key: of those that violate
            the contract, and of all where there is a rule over several documents.
        warned: what documents violate that are published all the same, by key.
    """

    keys: Sequence[Key]
    key_bytes: Sequence[bytes]
    values: list[bytes | Violation | None]
    digests: list[bytes]
    texts: dict[Key, str] = field(default_factory=dict)
    warned: dict[Key, Violation] = field(default_factory=dict)

    @property
    def violations(self) -> int:
        """How many can't be published."""
        return sum(isinstance(one, Violation) for one in self.values)

    def before(self, other: Documents) -> Documents:
        """Give these and others in one, these first."""
        return _joined([*self.keys, *other.keys], [self, other])

    def refuse(self, index: int, violation: Violation) -> None:
        """Put a violation in place of a document's bytes."""
        self.values[index] = violation
        self.digests[index] = _digest(violation, self.texts.get(self.keys[index]))


class Evaluation:
    """Computes the documents of one deployed product."""

    def __init__(self, state: State, deployment: ProductDeployment, *, texts: bool = False) -> None:
        """Prepare the encoding and the rules.

        Args:
            state: holds the tables.
            deployment: the product.
            texts: whether all documents' texts are wanted.
        """
        self._state = state
        self._query = deployment.model.evaluate
        self._codec = codec_of(deployment)
        self._warns = deployment.stream.on_violation == "warn"
        self._lenient = codec_of(deployment, free=True) if self._warns else None
        self._conditions = Conditions(state, deployment) if deployment.conditions else None
        self._texts = texts
        self._names = tuple(part.field for part in deployment.model.key)
        self._united = bool(deployment.model.others)

    def evaluate(
        self, keys: Sequence[Key], progress: Callable[[int], None] = lambda _: None
    ) -> Documents:
        """Compute the documents of some keys from the state's tables.

        Args:
            keys: of the root; of many, some are computed after the other, since a document takes
                several times as much room while it is computed as its bytes do.
            progress: told how many are computed, where there are many.
        """
        if len(keys) <= AT_ONCE:
            return self._evaluate(keys)
        parts = []
        for start in range(0, len(keys), AT_ONCE):
            progress(start)
            parts.append(self._evaluate(keys[start : start + AT_ONCE]))
        progress(len(keys))
        return _joined(keys, parts)

    def _evaluate(self, keys: Sequence[Key]) -> Documents:
        state = self._state
        columns = ", ".join(f"k{i}" for i in range(len(self._names)))
        marks = ", ".join("?" * len(self._names))
        state.execute(f"DELETE FROM {WANTED}")
        state.executemany(f"INSERT INTO {WANTED} ({columns}) VALUES ({marks})", keys)
        try:
            found = state.rows(self._query)
        except _UNCOMPUTABLE as error:
            return self._without_the_uncomputable(keys, error)
        named = [tuple(row[:-1]) for row in found]
        if self._united and len(set(named)) < len(named):
            return self._without_the_doubled(keys, named)
        return self._documents(keys, named, [row[-1] for row in found])

    def _documents(
        self, keys: Sequence[Key], found: Sequence[Key], texts: Sequence[str]
    ) -> Documents:
        warned: dict[Key, Violation] = {}
        encoded = self._codec.encode_values(texts)
        violations = [i for i, one in enumerate(encoded) if isinstance(one, Violation)]
        if self._lenient is not None:
            violations = self._let_pass(violations, found, texts, encoded, warned)
        if self._conditions is not None:
            violations += self._hold_against_conditions(found, texts, encoded, warned)
        by_key = dict(zip(found, encoded, strict=True))
        values = [by_key.get(key) for key in keys]
        kept = range(len(texts)) if self._texts else violations
        named = {found[i]: texts[i] for i in kept}
        digests = (
            [_digest(value, named.get(key)) for key, value in zip(keys, values, strict=True)]
            if violations
            else [GONE if value is None else digest(value) for value in values]  # type: ignore[arg-type]
        )
        return Documents(keys, self._key_bytes(keys), values, digests, named, warned)

    def _let_pass(
        self,
        violations: Sequence[int],
        found: Sequence[Key],
        texts: Sequence[str],
        encoded: list[bytes | Violation],
        warned: dict[Key, Violation],
    ) -> list[int]:
        """Encode all the same what only breaks a rule; give what can't be encoded at all."""
        if self._lenient is None or not violations:
            return list(violations)
        again = self._lenient.encode_values([texts[i] for i in violations])
        left = []
        for index, value in zip(violations, again, strict=True):
            if isinstance(value, Violation):
                left.append(index)
            else:
                before = encoded[index]
                if isinstance(before, Violation):
                    warned[found[index]] = before
            encoded[index] = value
        return left

    def _hold_against_conditions(
        self,
        found: Sequence[Key],
        texts: Sequence[str],
        encoded: list[bytes | Violation],
        warned: dict[Key, Violation],
    ) -> list[int]:
        """Find documents that rules in SQL forbid; give those that are refused for it."""
        if self._conditions is None:
            return []
        left = []
        for index, violation in self._conditions.violated(texts).items():
            if isinstance(encoded[index], Violation):
                continue
            if self._warns:
                warned.setdefault(found[index], violation)
            else:
                encoded[index] = violation
                left.append(index)
        return left

    def _without_the_doubled(self, keys: Sequence[Key], named: Sequence[Key]) -> Documents:
        """Compute the documents of keys that one SELECT gives; refuse those that several give."""
        given = Counter(named)
        doubled = [key for key in keys if given[key] > 1]
        single = self._evaluate([key for key in keys if given[key] <= 1])
        return _in_order(keys, single, self._refused(doubled, GIVEN_TWICE))

    def _refused(self, keys: Sequence[Key], violation: Violation) -> Documents:
        values: list[bytes | Violation | None] = [violation for _ in keys]
        digests = [_digest(violation, None) for _ in keys]
        return Documents(keys, self._key_bytes(keys), values, digests)

    def _without_the_uncomputable(self, keys: Sequence[Key], error: Exception) -> Documents:
        """Compute documents by halves, until those that can't be computed stand alone."""
        if len(keys) <= 1:
            return self._refused(keys, Violation(f"can't be computed ({_said(error)})"))
        middle = len(keys) // 2
        return _joined(keys, [self._evaluate(keys[:middle]), self._evaluate(keys[middle:])])

    def key_bytes(self, key: Key) -> bytes:
        """Give a key as the topic has it, see `_key_bytes`."""
        return self._one_key(key)

    def _key_bytes(self, keys: Sequence[Key]) -> list[bytes]:
        """Give the keys as the topic has them.

        One that has no form there (an infinite day, NaN) is shown by its document, which violates
        the contract so: it is known by bytes that no key on the topic has.
        """
        try:
            return self._codec.encode_keys(keys)
        except (ValueError, TypeError):
            return [self._one_key(key) for key in keys]

    def _one_key(self, key: Key) -> bytes:
        try:
            return self._codec.encode_keys([key])[0]
        except (ValueError, TypeError):
            return _NO_KEY + msgspec.json.encode(key)

    def shown_key(self, key: Key) -> Mapping[str, Any]:
        """Give a key's values by field, canonical where they have such a form."""
        try:
            values = self._codec.canonical_key(key)
        except (ValueError, TypeError):
            values = key
        return dict(zip(self._names, values, strict=True))

    def shown(self, text: str) -> object:
        """Give a document as the model gave it: canonical, or in state form where it has none."""
        return self._codec.given(text)


def _joined(keys: Sequence[Key], parts: Sequence[Documents]) -> Documents:
    """Put documents of parts of the keys together, in their order."""
    joined = Documents(keys, [], [], [])
    key_bytes: list[bytes] = []
    for part in parts:
        key_bytes.extend(part.key_bytes)
        joined.values.extend(part.values)
        joined.digests.extend(part.digests)
        joined.texts.update(part.texts)
        joined.warned.update(part.warned)
    joined.key_bytes = key_bytes
    return joined


def _in_order(keys: Sequence[Key], one: Documents, other: Documents) -> Documents:
    """Put documents together, in the order of all the keys."""
    joined = _joined([*one.keys, *other.keys], [one, other])
    place = {key: at for at, key in enumerate(joined.keys)}
    order = [place[key] for key in keys]
    return Documents(
        keys,
        [joined.key_bytes[at] for at in order],
        [joined.values[at] for at in order],
        [joined.digests[at] for at in order],
        joined.texts,
        joined.warned,
    )


def _said(error: Exception) -> str:
    """Say why without a value: of others, only SQLite's own words have none."""
    if isinstance(error, Uncomputable):
        return "a text of a value that is not known, or left the range of 64 bits"
    return str(error) if isinstance(error, apsw.Error) else type(error).__name__


def _digest(value: bytes | Violation | None, text: str | None) -> bytes:
    if value is None:
        return GONE
    if isinstance(value, Violation):
        value = f"{value.field}\n{value.reason}\n{text or ''}".encode("utf-8", "surrogatepass")
    return digest(value)


def digest(value: bytes) -> bytes:
    """Digest the bytes of a published value, as the mirror keeps it: 16 bytes."""
    return hashlib.blake2b(value, digest_size=16).digest()
