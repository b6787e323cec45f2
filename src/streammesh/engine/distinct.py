"""Values that no two documents of a product may share, as consumers see them.

A value belongs to the published document that has it. Another document that would be published with
it violates the contract, until the value is free again: then it is evaluated once more, within the
transaction that freed it. A NULL is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apsw
import msgspec

from streammesh.contracts.codec import NotDecodable
from streammesh.contracts.violations import Violation
from streammesh.deployments.codecs import codec_of
from streammesh.deployments.deployment import ProductDeployment
from streammesh.engine.documents import Documents, digest
from streammesh.engine.rows import Key
from streammesh.engine.state import State
from streammesh.models.storage import quote
from streammesh.platform.streams import Streams

Held = tuple[int, bytes]
"""Number of a rule, and the digest of a value of its fields."""


class Distinct:
    """Who holds which value, in the state."""

    def __init__(self, state: State, deployment: ProductDeployment) -> None:
        """Make the tables if there are none."""
        self._state = state
        self._rules = deployment.distinct
        self._codec = codec_of(deployment, free=True)
        self._held = quote(f"distinct {deployment.topic}")
        self._waiting = quote(f"waiting {deployment.topic}")
        by_key = (quote(f"distinct of {deployment.topic}"), quote(f"waiting of {deployment.topic}"))
        for sql in (
            f"CREATE TABLE IF NOT EXISTS {self._held}"
            " (rule INTEGER, value BLOB, key BLOB, PRIMARY KEY (rule, value)) WITHOUT ROWID",
            f"CREATE INDEX IF NOT EXISTS {by_key[0]} ON {self._held} (key)",
            f"CREATE TABLE IF NOT EXISTS {self._waiting} (rule INTEGER, value BLOB, key BLOB,"
            " state_key TEXT, PRIMARY KEY (rule, value, key)) WITHOUT ROWID",
            f"CREATE INDEX IF NOT EXISTS {by_key[1]} ON {self._waiting} (key)",
        ):
            state.execute(sql)

    def waiting(self, documents: Documents) -> list[Key]:
        """Give other documents that wait for a value that one of these may give up.

        And those that wait for theirs, and so on: some may only be able to change places together.
        """
        found: dict[bytes, Key] = {}
        keys = list(documents.key_bytes)
        sql = (
            "SELECT w.key, w.state_key FROM carray(?) AS k"
            f" CROSS JOIN {self._held} AS h ON h.key = k.value"
            f" CROSS JOIN {self._waiting} AS w ON w.rule = h.rule AND w.value = h.value"
            " ORDER BY w.key"
        )
        known = set(keys)
        while keys:
            more = {
                key: tuple(msgspec.json.decode(text))
                for key, text in self._state.rows(sql, (_blobs(keys),))
                if key not in known
            }
            found |= more
            known |= more.keys()
            keys = list(more)
        return list(found.values())

    def settle(self, documents: Documents, *, warns: bool) -> list[Key]:
        """Refuse documents whose value another one has, and note who has what now.

        Args:
            documents: of one transaction; those that are refused get a violation.
            warns: only note what they violate: they are published all the same.

        Returns:
            Keys of other documents, that waited for a value which is free now.
        """
        old = self._of(documents.key_bytes)
        new = self._values(documents)
        holders = self._holders({one for values in new.values() for one in values})
        conflicts = _settled(documents.key_bytes, old, new, holders)
        for index, held in conflicts.items():
            violation = Violation("has a value that another document has", self._fields(held))
            if warns:
                documents.warned.setdefault(documents.keys[index], violation)
            else:
                documents.refuse(index, violation)
        return self._note(documents, old, new, conflicts)

    def _fields(self, held: Held) -> str:
        return ", ".join(self._rules[held[0]])

    def _values(self, documents: Documents) -> dict[int, list[Held]]:
        """Give the values of the documents that can be published; none where there is none."""
        found: dict[int, list[Held]] = {}
        for index, value in enumerate(documents.values):
            if value is None:
                found[index] = []
            elif not isinstance(value, Violation):
                found[index] = self._of_document(value)
        return found

    def _of_document(self, value: bytes) -> list[Held]:
        document = self._codec.decode_value(value)
        found = []
        for number, fields in enumerate(self._rules):
            values = [_at(document, field) for field in fields]
            if None not in values:
                found.append((number, digest(msgspec.json.encode(values, order="deterministic"))))
        return found

    def _of(self, keys: Sequence[bytes]) -> dict[bytes, list[Held]]:
        """Give what some keys hold."""
        sql = (
            "SELECT h.key, h.rule, h.value FROM carray(?) AS k"
            f" CROSS JOIN {self._held} AS h ON h.key = k.value"
        )
        found: dict[bytes, list[Held]] = {}
        for key, rule, value in self._state.rows(sql, (_blobs(keys),)) if keys else ():
            found.setdefault(key, []).append((rule, value))
        return found

    def _holders(self, wanted: Iterable[Held]) -> dict[Held, bytes]:
        found: dict[Held, bytes] = {}
        values: dict[int, list[bytes]] = {}
        for rule, value in wanted:
            values.setdefault(rule, []).append(value)
        for rule, some in values.items():
            sql = (
                f"SELECT h.value, h.key FROM carray(?) AS k CROSS JOIN {self._held} AS h"
                " ON h.rule = ? AND h.value = k.value"
            )
            for value, key in self._state.rows(sql, (_blobs(some), rule)):
                found[rule, value] = key
        return found

    def _note(
        self,
        documents: Documents,
        old: Mapping[bytes, list[Held]],
        new: Mapping[int, list[Held]],
        conflicts: Mapping[int, Held],
    ) -> list[Key]:
        keys = documents.key_bytes
        taken = {keys[i]: values for i, values in new.items() if i not in conflicts}
        self._forget_held(taken)
        rows = [(rule, value, key) for key, values in taken.items() for rule, value in values]
        self._state.executemany(f"INSERT OR REPLACE INTO {self._held} VALUES (?, ?, ?)", rows)
        self._state.executemany(
            f"DELETE FROM {self._waiting} WHERE key = ?", [(key,) for key in keys]
        )
        waiting = [
            (*held, keys[i], msgspec.json.encode(documents.keys[i]).decode())
            for i, held in conflicts.items()
        ]
        self._state.executemany(f"INSERT INTO {self._waiting} VALUES (?, ?, ?, ?)", waiting)
        left = {one for key in taken for one in old.get(key, ())} | set(conflicts.values())
        return self._waiting_for(left - self._holders(left).keys())

    def _waiting_for(self, free: Iterable[Held]) -> list[Key]:
        found: dict[str, None] = {}
        for held in sorted(free):
            sql = f"SELECT state_key FROM {self._waiting} WHERE rule = ? AND value = ? ORDER BY key"
            found.update((text, None) for (text,) in self._state.rows(sql, held))
        return [tuple(msgspec.json.decode(text)) for text in found]

    def _forget_held(self, keys: Iterable[bytes]) -> None:
        rows = [(key,) for key in keys]
        self._state.executemany(f"DELETE FROM {self._held} WHERE key = ?", rows)

    def forget(self, keys: Iterable[bytes]) -> None:
        """Note that these keys have no document any more."""
        self._forget_held(keys)

    def read(self, streams: Streams, topic: str) -> None:
        """Read who holds what from the product's topic."""
        self._state.execute(f"DELETE FROM {self._held}")
        self._state.execute(f"DELETE FROM {self._waiting}")
        for chunk in streams.read_all(topic):
            newest = dict(zip(chunk.keys, chunk.values, strict=True))
            newest.pop(None, None)
            self._forget_held(key for key in newest if key is not None)
            rows = [
                (rule, held, key)
                for key, value in newest.items()
                if key is not None and value is not None
                for rule, held in self._readable(value)
            ]
            self._state.executemany(f"INSERT OR REPLACE INTO {self._held} VALUES (?, ?, ?)", rows)

    def _readable(self, value: bytes) -> list[Held]:
        # an event of an older schema is compared when the pass over all documents comes to it
        try:
            return self._of_document(value)
        except NotDecodable:
            return []


def _settled(
    keys: Sequence[bytes],
    old: Mapping[bytes, list[Held]],
    new: Mapping[int, list[Held]],
    holders: Mapping[Held, bytes],
) -> dict[int, Held]:
    """Find the documents that can't have their value.

    All others give up their old values and take their new ones together, so that two may change
    places. One that is refused keeps its old value, which may be another's new one: so it is looked
    at again until nothing changes.
    """
    conflicts: dict[int, Held] = {}
    while True:
        free = {keys[i] for i in new if i not in conflicts}
        # who has a value already comes before who wants it
        order = sorted(
            (i for i in new if i not in conflicts),
            key=lambda i: not set(new[i]) <= set(old.get(keys[i], ())),
        )
        taken: dict[Held, bytes] = {}
        more = {}
        for index in order:
            bad = _conflict(keys[index], new[index], taken, holders, free)
            if bad is not None:
                more[index] = bad
                continue
            taken.update(dict.fromkeys(new[index], keys[index]))
        if not more:
            return conflicts
        conflicts |= more


def _conflict(
    key: bytes,
    values: Sequence[Held],
    taken: Mapping[Held, bytes],
    holders: Mapping[Held, bytes],
    free: set[bytes],
) -> Held | None:
    for one in values:
        holder = holders.get(one)
        if one in taken or (holder is not None and holder != key and holder not in free):
            return one
    return None


def _at(document: Any, path: str) -> Any:
    for name in path.split("."):
        if document is None:
            return None
        document = document[name]
    return document


def _blobs(values: Sequence[bytes]) -> Any:
    return apsw.carray(tuple(values), flags=apsw.SQLITE_CARRAY_BLOB)
