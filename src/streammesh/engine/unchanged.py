"""Large values that a database did not send, since an update left them as they were.

Under REPLICA IDENTITY FULL all values are sent. What the table says of that is not looked at: its
partitions may say otherwise, and it may be altered at any time; a whole old row in the log tells.
Otherwise Debezium 3.5 puts a mark in their place: a text, and in lists whatever becomes of that
text. For lists of other types it puts NULL, which may as well be NULL: then the row before decides,
and if it can't, the value is taken as unknown.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from streammesh.contracts.types import (
    Array,
    Boolean,
    Date,
    Integer,
    Time,
    Timestamp,
    Uuid,
)
from streammesh.models.incoming import UNCERTAIN_LIST
from streammesh.models.postgres_types import is_marked, listed_as_printed
from streammesh.models.tables import Column, Table

Row = tuple[Any, ...]


UNAVAILABLE = b"__debezium_unavailable_value"
_TEXT = UNAVAILABLE.decode()
_NUMBERS = list(UNAVAILABLE)
_UUID = str(uuid.UUID(bytes=hashlib.md5(UNAVAILABLE, usedforsecurity=False).digest(), version=3))
_TEXTS = (_TEXT, json.dumps({_TEXT: _TEXT}, separators=(",", ":")))
"""The mark, and what stands for it in hstore."""
_MARKED_LISTS = ([_TEXT], [_UUID], _NUMBERS)
_NEEDLES = (UNAVAILABLE, _UUID.encode(), json.dumps(_NUMBERS, separators=(",", ":")).encode())
_FIXED_SIZE = (Integer, Boolean, Date, Time, Timestamp, Uuid, type(None))

SMALL = 250
"""Characters of a row in the state that is under 2 kB in the database, where all is sent, if the
state has all of it."""


def unavailable(value: object) -> bool:
    """Tell whether the value stands for one that was not sent."""
    if isinstance(value, str):
        return value in _TEXTS
    return isinstance(value, list) and value in _MARKED_LISTS


class Unchanged:
    """What tells the values of one table that were not sent."""

    def __init__(self, table: Table) -> None:
        """Look at its columns."""
        self._whole = table.whole
        kinds = [column.type for column in table.columns]
        self._sizeable = not all(isinstance(kind, _FIXED_SIZE) for kind in kinds)
        lists = any(isinstance(kind, Array) for kind in kinds)
        self._needles = _NEEDLES if lists else _NEEDLES[:1]
        columns = enumerate(table.columns)
        self._silent = tuple(i for i, one in columns if _silent(one))

    def among(self, images: Sequence[msgspec.Raw], rows: Sequence[Row]) -> bool:
        """Tell whether a value of these images may not have been sent.

        Args:
            images: as the log has them.
            rows: the same, decoded.
        """
        if not self._sizeable:
            return False
        everything = b"".join(images)
        if any(needle in everything for needle in self._needles):
            return True
        return any(row[index] is None for index in self._silent for row in rows)

    def missing(self, image: Row, old: Row | None) -> list[int]:
        """Give the columns that hold a mark.

        Args:
            image: what arrived.
            old: the row before, in state form; None when it is not known. A small one has nothing
                that would not be sent: then what looks like a mark is a value.
        """
        if old is not None and self._small(old):
            return []
        return [i for i, value in enumerate(image) if unavailable(value)]

    def doubtful(self, row: Row, old: Row | None) -> list[int]:
        """Give the columns whose NULL may stand for the value that the row had before.

        Args:
            row: what arrived.
            old: the row before, in state form; None when it is not known.
        """
        if old is None or self._small(old):
            return []
        return [i for i in self._silent if row[i] is None and old[i] is not None]

    def _small(self, row: Row) -> bool:
        known = self._whole and UNCERTAIN_LIST not in row
        return known and sum(len(str(value)) for value in row) < SMALL


def unknown(row: Row, indexes: Collection[int]) -> Row:
    """Give a row in which some lists are unknown."""
    return tuple(UNCERTAIN_LIST if i in indexes else value for i, value in enumerate(row))


def _silent(column: Column) -> bool:
    # of a domain over lists Debezium does not see that it is one
    if not isinstance(column.type, Array):
        return False
    return bool(column.base) or not is_marked(column.type) or listed_as_printed(column.stored_type)
