"""Reads PostgreSQL's logical replication messages (pgoutput, protocol version 1).

https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

UNCHANGED = object()
"""A large value that the database did not send, since it has not changed."""

Values = dict[str, object]


@dataclass(frozen=True)
class Begin:
    """A transaction begins."""

    txid: int
    commit_lsn: int
    time_us: int


@dataclass(frozen=True)
class Commit:
    """It ends."""

    commit_lsn: int


@dataclass(frozen=True)
class Relation:
    """A table as the messages after it mean it."""

    schema: str
    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """A row: operation I, U or D; `old` is the whole old row, or its key alone (`key_only`)."""

    op: str
    relation: Relation
    old: Values | None
    new: Values | None
    key_only: bool = False


@dataclass(frozen=True)
class Truncate:
    """Tables were emptied."""

    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class Message:
    """A logical message."""

    prefix: str
    content: bytes


Any = Begin | Commit | Change | Truncate | Message | None


class Reader:
    """Keeps the relations that messages refer to."""

    def __init__(self) -> None:
        self._relations: dict[int, Relation] = {}

    def read(self, data: bytes) -> Any:  # noqa: PLR0911 - one line per message
        """Read one message; None for one that says nothing about rows."""
        kind, body = chr(data[0]), _Body(data[1:])
        match kind:
            case "B":
                commit_lsn, time_us = body.int64(), body.int64()
                return Begin(body.int32(), commit_lsn, time_us)
            case "C":
                body.int8()
                return Commit(body.int64())
            case "R":
                self._relation(body)
                return None
            case "I" | "U" | "D":
                return self._change(kind, body)
            case "T":
                count = body.int32()
                body.int8()
                return Truncate(tuple(self._relations[body.int32()] for _ in range(count)))
            case "M":
                body.int8()
                body.int64()
                prefix = body.text()
                return Message(prefix, body.take(body.int32()))
            case "Y" | "O":
                return None
        raise AssertionError(f"message {kind}")

    def _relation(self, body: _Body) -> None:
        oid, schema, table = body.int32(), body.text(), body.text()
        body.int8()
        columns, key = [], []
        for _ in range(body.int16()):
            flags, name = body.int8(), body.text()
            body.int32()
            body.int32()
            columns.append(name)
            if flags & 1:
                key.append(name)
        self._relations[oid] = Relation(schema, table, tuple(columns), tuple(key))

    def _change(self, op: str, body: _Body) -> Change:
        relation = self._relations[body.int32()]
        old: Values | None = None
        new: Values | None = None
        key_only = False
        while body.left:
            part = chr(body.int8())
            values = self._tuple(relation, body)
            if part == "N":
                new = values
            else:
                old, key_only = values, part == "K"
        return Change(op, relation, old, new, key_only)

    def _tuple(self, relation: Relation, body: _Body) -> Values:
        count = body.int16()
        assert count == len(relation.columns)
        return {name: _value(body) for name in relation.columns}


def _value(body: _Body) -> object:
    match chr(body.int8()):
        case "n":
            return None
        case "u":
            return UNCHANGED
        case "t":
            return body.take(body.int32()).decode()
    raise AssertionError("binary values were not asked for")


class _Body:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    @property
    def left(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]

    def int8(self) -> int:
        return self.take(1)[0]

    def int16(self) -> int:
        return int(struct.unpack(">H", self.take(2))[0])

    def int32(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def int64(self) -> int:
        return int(struct.unpack(">q", self.take(8))[0])

    def text(self) -> str:
        end = self._data.index(0, self._at)
        found = self._data[self._at : end].decode()
        self._at = end + 1
        return found
