"""What of a product can't be published: the engine's own list, and the records on its topic.

The list stands in the state, one row for each key: the topic's newest record of a key says the
same, so that the list can be read again from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apsw
import msgspec

from streammesh.contracts.violations import Violation
from streammesh.deployments.progress import Position
from streammesh.deployments.requests import Request
from streammesh.engine.rows import Key
from streammesh.engine.state import State
from streammesh.models.storage import quote
from streammesh.platform.streams import Streams


@dataclass(frozen=True)
class Refused:
    """A document that can't be published.

    Attributes:
        key: in state form.
        key_bytes: as the product's topic has it.
        violation: why.
        digest: of reason and document: the same refused again is not told again.
    """

    key: Key
    key_bytes: bytes
    violation: Violation
    digest: bytes


class Quarantine:
    """The keys of one product that are in quarantine, in the state."""

    def __init__(self, state: State, topic: str) -> None:
        """Make the list if there is none."""
        self._state = state
        self._table = quote(f"quarantined {topic}")
        state.execute(
            f"CREATE TABLE IF NOT EXISTS {self._table} (key BLOB PRIMARY KEY, digest BLOB,"
            " state_key TEXT, pass INTEGER, discarded INTEGER) WITHOUT ROWID"
        )

    def digests(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Give the digests of what is in quarantine for some keys."""
        state, table = self._state, self._table
        if not keys or state.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None:
            return {}
        # CROSS JOIN keeps the order: each key is looked up, the table is never walked
        sql = f"SELECT key, digest FROM carray(?) AS k CROSS JOIN {table} ON key = k.value"
        return dict(state.rows(sql, (apsw.carray(tuple(keys), flags=apsw.SQLITE_CARRAY_BLOB),)))

    def put(self, refused: Iterable[Refused], number: int) -> None:
        """Put documents on the list, as seen in the pass with that number."""
        rows = [(one.key_bytes, one.digest, _state_text(one.key), number) for one in refused]
        self._state.executemany(
            f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?, ?, ?, 0)", rows
        )

    def see(self, keys: Iterable[bytes], number: int) -> None:
        """Note that what stands on the list was seen again in a pass."""
        rows = [(number, key) for key in keys]
        self._state.executemany(f"UPDATE {self._table} SET pass = ? WHERE key = ?", rows)

    def end(self, keys: Iterable[bytes]) -> None:
        """Take keys off the list: they have a valid document again, or none."""
        rows = [(key,) for key in keys]
        self._state.executemany(f"DELETE FROM {self._table} WHERE key = ?", rows)

    def left_over(self, number: int) -> list[bytes]:
        """Give the keys that a pass over all documents has not seen."""
        sql = f"SELECT key FROM {self._table} WHERE pass < ? ORDER BY key"
        return [key for (key,) in self._state.rows(sql, (number,))]

    def keys(self) -> list[Key]:
        """Give all keys of the list, discarded ones too, in state form."""
        rows = self._state.rows(f"SELECT state_key FROM {self._table} ORDER BY key")
        return [tuple(json.loads(text)) for (text,) in rows]

    def discard(self, keys: Sequence[bytes] | None) -> list[tuple[bytes, Key, bytes]]:
        """Mark keys (None: all) as discarded.

        Returns:
            Key bytes, key and digest of those that were not yet.
        """
        sql = f"SELECT key, state_key, digest FROM {self._table} WHERE discarded = 0 ORDER BY key"
        wanted = None if keys is None else frozenset(keys)
        found = [
            (key, tuple(json.loads(text)), digest)
            for key, text, digest in self._state.rows(sql)
            if wanted is None or key in wanted
        ]
        marked = [(key,) for key, _, _ in found]
        self._state.executemany(f"UPDATE {self._table} SET discarded = 1 WHERE key = ?", marked)
        return found

    def read(self, streams: Streams, topic: str) -> None:
        """Read the list again from the topic `topic` of what is in quarantine."""
        self._state.execute(f"DELETE FROM {self._table}")
        for chunk in streams.read_all(topic):
            newest = {k: v for k, v in zip(chunk.keys, chunk.values, strict=True) if k is not None}
            self.end(newest)
            rows = [_row(key, value) for key, value in newest.items() if value is not None]
            self._state.executemany(
                f"INSERT OR REPLACE INTO {self._table} VALUES (?, ?, ?, 0, ?)",
                [row for row in rows if row is not None],
            )


def _state_text(key: Key) -> str:
    return msgspec.json.encode(key).decode()


def _row(key: bytes, value: bytes) -> tuple[bytes, bytes, str, int] | None:
    """Read a record; one that is none of ours is as if it were not there."""
    try:
        record = json.loads(value)
        state_key = json.dumps(list(record["state_key"]))
        return key, bytes.fromhex(record["digest"]), state_key, int("discarded" in record)
    except (ValueError, KeyError, TypeError):
        return None


def refusal(
    refused: Refused, key: Mapping[str, Any], about: Mapping[str, Any], document: object
) -> bytes:
    """Give the record of a document that can't be published.

    Args:
        refused: the document.
        key: its key's values by field, canonical where they have such a form.
        about: `position`, `transaction`, `time` and `deployment` of it.
        document: as the model gave it; None to leave it out.
    """
    body = {
        "key": dict(key),
        "field": refused.violation.field,
        "reason": refused.violation.reason,
        **about,
        **({} if document is None else {"document": document}),
        "state_key": list(refused.key),
        "digest": refused.digest.hex(),
    }
    return msgspec.json.encode(body)


def discarded(
    key: Mapping[str, Any], state_key: Key, digest: bytes, request: Request, position: Position
) -> bytes:
    """Give the record that says who took a key off the list, and why."""
    body = {
        "key": dict(key),
        "discarded": {"by": request.by, "at": request.at, "why": request.why},
        "position": str(position),
        "state_key": list(state_key),
        "digest": digest.hex(),
    }
    return msgspec.json.encode(body)


def instant(time_ms: int) -> str:
    """Give a time since 1970 as `2026-01-31T10:00:00.123Z`."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_ms % 1000:03d}Z"
