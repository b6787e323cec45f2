"""One product of a source: from keys to documents, and from documents to events that differ."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import apsw
import msgspec

from streammesh.contracts.codec import Codec
from streammesh.contracts.violations import Violation
from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Position
from streammesh.engine.counters import Counters
from streammesh.engine.rows import Key
from streammesh.engine.state import State
from streammesh.models.uncomputable import Uncomputable
from streammesh.platform.streams import Event, Headers

WANTED = "temp.wanted"

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

_GONE = b""
_NO_KEY = b"\xff"
"""Before the bytes of a key that can't be on the topic; messages there begin with a zero byte."""


class Cause(msgspec.Struct, frozen=True):
    """What events are published for: a transaction, or a part of all documents.

    Attributes:
        position: the source's position that the documents show.
        time_ms: when the source committed it.
        txid: the transaction; None when all documents are published in parts.
        part: number of the part, from 1; 0 for a transaction.
        parts: how many parts there are.
    """

    position: Position
    time_ms: int
    txid: str | None = None
    part: int = 0
    parts: int = 0

    def headers(self, deployment: ProductDeployment, count: int) -> Headers:
        """Give the headers of its events.

        Args:
            deployment: what made them.
            count: how many events of the product it has.
        """
        first: Headers
        if self.txid is None:
            first = part_headers(self.part, self.parts)
        else:
            first = (("mesh.tx", self.txid.encode()), ("mesh.tx_events", b"%d" % count))
        return (
            *first,
            ("mesh.position", self.position.header()),
            ("mesh.time", b"%d" % self.time_ms),
            ("mesh.deployment", deployment.digest.encode()),
        )


def part_headers(part: int, parts: int) -> Headers:
    """Give the headers of events that are not whole transactions: part from 1, of how many."""
    return (("mesh.part", b"%d" % part), ("mesh.parts", b"%d" % parts))


def position_header(event: Event) -> bytes:
    """Give the position of the transaction that an event is published for."""
    return next(value for name, value in event.headers if name == "mesh.position")


@dataclass
class Documents:
    """What a set of keys evaluates to.

    Attributes:
        keys: the keys asked for.
        key_bytes: the same as the product topic has them.
        values: for each key, the value's bytes; a Violation; None where there is no document.
        digests: for each key, a digest of what would be published or quarantined.
    """

    keys: Sequence[Key]
    key_bytes: Sequence[bytes]
    values: Sequence[bytes | Violation | None]
    digests: Sequence[bytes]


@dataclass
class Difference:
    """What differs between documents and what was last published.

    Attributes:
        events: (key, key bytes, value bytes or None) to be published, in the order of the keys.
        violations: (key, key bytes, violation) to be put into quarantine.
    """

    events: list[tuple[Key, bytes, bytes | None]] = field(default_factory=list)
    violations: list[tuple[Key, bytes, Violation]] = field(default_factory=list)


class ProductRun:
    """A deployed product over a state."""

    def __init__(self, state: State, deployment: ProductDeployment, counters: Counters) -> None:
        """Prepare the mirror of what was published, and the encoding."""
        self.deployment = deployment
        self.topic = deployment.topic
        self._state = state
        self._counters = counters.of(deployment.topic)
        self._codec = Codec(
            model=deployment.model.fields,
            contract=deployment.contract,
            key=tuple(part.field for part in deployment.model.key),
            key_schema=deployment.key_schema,
            key_schema_id=deployment.key_schema_id,
            value_schema=deployment.value_schema,
            value_schema_id=deployment.value_schema_id,
            max_bytes=deployment.stream.max_bytes,
        )
        self._key_width = len(deployment.model.key)
        state.create_mirror(self.topic)

    def evaluate(self, keys: Sequence[Key]) -> Documents:
        """Compute the documents of some keys from the state's tables."""
        state = self._state
        columns = ", ".join(f"k{i}" for i in range(self._key_width))
        marks = ", ".join("?" * self._key_width)
        state.execute(f"DELETE FROM {WANTED}")
        state.executemany(f"INSERT INTO {WANTED} ({columns}) VALUES ({marks})", keys)
        try:
            found = state.rows(self.deployment.model.evaluate)
        except _UNCOMPUTABLE as error:
            return self._without_the_uncomputable(keys, error)
        found_keys = [tuple(row[:-1]) for row in found]
        encoded = self._codec.encode_values([row[-1] for row in found])
        by_key = dict(zip(found_keys, encoded, strict=True))
        values = [by_key.get(key) for key in keys]
        return Documents(keys, self._key_bytes(keys), values, list(map(_digest, values)))

    def _without_the_uncomputable(self, keys: Sequence[Key], error: Exception) -> Documents:
        """Compute documents by halves, until those that can't be computed stand alone."""
        if len(keys) <= 1:
            values = [Violation(f"can't be computed ({_said(error)})") for _ in keys]
            return Documents(keys, self._key_bytes(keys), values, list(map(_digest, values)))
        middle = len(keys) // 2
        first, second = self.evaluate(keys[:middle]), self.evaluate(keys[middle:])
        return Documents(
            keys,
            [*first.key_bytes, *second.key_bytes],
            [*first.values, *second.values],
            [*first.digests, *second.digests],
        )

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

    def difference(self, documents: Documents, *, pass_number: int | None = None) -> Difference:
        """Compare documents with what was last published, and note them as published.

        Args:
            documents: evaluated.
            pass_number: note all of them as seen in this pass over all documents.
        """
        state, topic = self._state, self.topic
        published = state.published(topic, documents.key_bytes)
        quarantined = state.quarantined(topic, documents.key_bytes)
        found = Difference()
        number = state.pass_number(topic, advance=False) if pass_number is None else pass_number
        upserts: list[tuple[bytes, bytes, int]] = []
        removed: list[bytes] = []
        rows = zip(
            documents.keys, documents.key_bytes, documents.values, documents.digests, strict=True
        )
        for key, key_bytes, value, digest in rows:
            before = published.get(key_bytes, _GONE)
            if isinstance(value, Violation):
                if quarantined.get(key_bytes) != digest:
                    found.violations.append((key, key_bytes, value))
                if pass_number is not None and before:
                    upserts.append((key_bytes, before, number))
            elif before == digest:
                if pass_number is not None and before:
                    upserts.append((key_bytes, digest, number))
            else:
                found.events.append((key, key_bytes, value))
                if value is None:
                    removed.append(key_bytes)
                else:
                    upserts.append((key_bytes, digest, number))
        state.set_published(topic, upserts)
        state.remove_published(topic, removed)
        self._note_quarantine(documents, found, quarantined)
        self._count(documents, found, published)
        return found

    def _note_quarantine(
        self, documents: Documents, found: Difference, quarantined: Mapping[bytes, bytes]
    ) -> None:
        digests = dict(zip(documents.key_bytes, documents.digests, strict=True))
        self._state.set_quarantined(
            self.topic, [(key, digests[key]) for _, key, _ in found.violations]
        )
        if quarantined:
            pairs = zip(documents.key_bytes, documents.values, strict=True)
            valid = [k for k, v in pairs if k in quarantined and not isinstance(v, Violation)]
            self._state.end_quarantine(self.topic, valid)

    def _count(
        self, documents: Documents, found: Difference, published: Mapping[bytes, bytes]
    ) -> None:
        pairs = zip(documents.key_bytes, documents.values, strict=True)
        filtered = sum(1 for k, v in pairs if v is None and k not in published)
        violations = sum(1 for v in documents.values if isinstance(v, Violation))
        self._counters.documents += len(documents.keys)
        self._counters.published += len(found.events)
        self._counters.quarantined += violations
        self._counters.filtered += filtered
        self._counters.unchanged += len(documents.keys) - len(found.events) - violations - filtered

    def events(self, found: Difference, cause_of: Mapping[Key, Cause]) -> list[Event]:
        """Give the events of a difference, each with the headers of its cause.

        Args:
            found: what differs.
            cause_of: for each key, what it is published for.
        """
        counts: dict[Cause, int] = {}
        for key, _, _ in found.events:
            cause = cause_of[key]
            counts[cause] = counts.get(cause, 0) + 1
        headers = {cause: cause.headers(self.deployment, n) for cause, n in counts.items()}
        self._counters.waiting.extend(one.time_ms for one in counts if one.txid is not None)
        topic = self.topic
        events = [
            Event(topic, key_bytes, value, headers[cause_of[key]])
            for key, key_bytes, value in found.events
        ]
        if found.violations:
            last = found.violations[-1][2]
            self._counters.told = (
                f"{len(found.violations):,} to {self.deployment.quarantine}, the last: {last}"
            )
        events.extend(
            self._quarantine_event(key, key_bytes, violation, cause_of[key])
            for key, key_bytes, violation in found.violations
        )
        return events

    def _quarantine_event(
        self, key: Key, key_bytes: bytes, violation: Violation, cause: Cause
    ) -> Event:
        body = {
            "key": list(key),
            "field": violation.field,
            "reason": violation.reason,
            "position": str(cause.position),
            "transaction": cause.txid,
        }
        headers = cause.headers(self.deployment, 0)
        value = msgspec.json.encode(body)
        return Event(self.deployment.quarantine, key_bytes, value, headers)

    def tombstones(self, key_bytes: Sequence[bytes], cause: Cause) -> list[Event]:
        """Give tombstones for keys that have no document any more, and note them."""
        self._state.remove_published(self.topic, key_bytes)
        self._state.end_quarantine(self.topic, key_bytes)
        self._counters.documents += len(key_bytes)
        self._counters.published += len(key_bytes)
        headers = cause.headers(self.deployment, len(key_bytes))
        return [Event(self.topic, key, None, headers) for key in key_bytes]


def _said(error: Exception) -> str:
    """Say why without a value: of others, only SQLite's own words have none."""
    if isinstance(error, Uncomputable):
        return "a text of a value that is not known, or left the range of 64 bits"
    return str(error) if isinstance(error, apsw.Error) else type(error).__name__


def _digest(value: bytes | Violation | None) -> bytes:
    if value is None:
        return _GONE
    if isinstance(value, Violation):
        value = f"{value.field}\n{value.reason}".encode()
    return digest(value)


def digest(value: bytes) -> bytes:
    """Digest the bytes of a published value, as the mirror keeps it: 16 bytes."""
    return hashlib.blake2b(value, digest_size=16).digest()
