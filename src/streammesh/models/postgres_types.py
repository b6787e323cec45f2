"""Which of PostgreSQL's column types a model can read, and as what.

The text is what `format_type` prints. Everything not named here gives None: such a column may be
captured, but a model that reads it is refused by name.
"""

from __future__ import annotations

import re

from streammesh.contracts.types import (
    Boolean,
    Bytes,
    Date,
    Decimal,
    Integer,
    Json,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)

MAX_PRECISION = 38
"""Digits of the widest exact number that a model can read."""

_FIXED: dict[str, Type] = {
    "smallint": Integer(16),
    "int2": Integer(16),
    "integer": Integer(32),
    "int": Integer(32),
    "int4": Integer(32),
    "bigint": Integer(64),
    "int8": Integer(64),
    "text": Text(),
    "character varying": Text(),
    "varchar": Text(),
    "character": Text(1),
    "char": Text(1),
    "boolean": Boolean(),
    "bool": Boolean(),
    "date": Date(),
    "time": Time(),
    "time without time zone": Time(),
    "timestamp": Timestamp(),
    "timestamp without time zone": Timestamp(),
    "timestamptz": Timestamp(zone=True),
    "timestamp with time zone": Timestamp(zone=True),
    "uuid": Uuid(),
    "json": Json(),
    "jsonb": Json(),
    "bytea": Bytes(),
}
_TEXTS = frozenset({"character varying", "varchar", "character", "char"})
_PARAMETERS = re.compile(r"([a-z][a-z0-9 ]*?) *\(([0-9, -]+)\)([a-z ]*)\Z")
_PADDED = re.compile(r"(character|char)( *\([0-9]+\))?\Z")


def column_type(database_type: str, *, enum: bool = False) -> Type | None:
    """Give the type that a model sees for a column of a PostgreSQL table.

    Args:
        database_type: as `format_type` prints it, such as `numeric(12,2)`.
        enum: whether the type is one of the database's own enums; its labels are text.

    Returns:
        The type, or None when models can't read the column (arrays, floats, unbounded numeric,
        intervals, ranges, …).
    """
    if enum:
        return Text()
    if (fixed := _FIXED.get(database_type)) is not None:
        return fixed
    found = _PARAMETERS.match(database_type)
    if found is None:
        return None
    base, numbers, rest = found.groups()
    sizes = [int(number) for number in numbers.split(",")]
    if base in ("numeric", "decimal"):
        return _decimal(*sizes)
    if base in _TEXTS:
        return Text(sizes[0])
    return _FIXED.get(base + rest) if base in ("time", "timestamp") else None


def _decimal(precision: int, scale: int = 0) -> Type | None:
    if 1 <= precision <= MAX_PRECISION and 0 <= scale <= precision:
        return Decimal(precision, scale)
    return None


def is_padded(database_type: str) -> bool:
    """Tell whether values come padded with spaces that don't count: `character(n)`."""
    return _PADDED.match(database_type) is not None
