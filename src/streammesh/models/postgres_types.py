"""Which of PostgreSQL's column types a model can read, and as what.

The text is what `format_type` prints. Everything not named here gives None: such a column may be
captured, but a model that reads it is refused by name.
"""

from __future__ import annotations

import re

from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Float,
    Integer,
    Json,
    Numeric,
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
    "bpchar": Text(),
    "numeric": Numeric(),
    "decimal": Numeric(),
    "real": Float(32),
    "float4": Float(32),
    "double precision": Float(64),
    "float8": Float(64),
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
    "oid": Integer(64),
    "name": Text(),
    "hstore": Json(),
}
_PRINTED = {
    "inet": True,
    "cidr": True,
    "macaddr": True,
    "macaddr8": True,
    "int4range": True,
    "int8range": True,
    "numrange": False,
    "daterange": True,
    "tsrange": True,
    "tstzrange": True,
    "int4multirange": True,
    "int8multirange": True,
    "nummultirange": False,
    "datemultirange": True,
    "tsmultirange": True,
    "tstzmultirange": True,
    "interval": False,
    "bit": True,
    "tsvector": True,
}
"""Types that models see as the text that the database prints, and whether equal values of one have
equal texts: `[1,2)` and `[1.0,2)` are one range, `1 day` and `24:00` one interval.
"""

_LISTED_PRINTED = ("inet", "cidr", "macaddr", "macaddr8")
_ONLY_COLUMNS = ("oid", "name", "hstore")
"""Of their lists Debezium gives nothing, or less than they hold."""

_TEXTS = frozenset({"character varying", "varchar", "character", "char"})
_PARAMETERS = re.compile(r"([a-z][a-z0-9 ]*?) *\(([0-9, -]+)\)([a-z ]*)\Z")
_PADDED = re.compile(r"((character|char)( *\([0-9]+\))?|bpchar)\Z")
_INTERVAL = re.compile(r"interval\b[a-z ]*(\(\d\))?\Z")
_BITS = re.compile(r"bit(?:\((\d+)\))?\Z")
_LISTED = re.compile(r"(?:\[\d*\])+\Z")


def column_type(database_type: str, *, enum: bool = False) -> Type | None:
    """Give the type that a model sees for a column of a PostgreSQL table.

    Args:
        database_type: as `format_type` prints it, such as `numeric(12,2)`; of a list, `text[]`.
        enum: whether the type is one of the database's own enums, or a list of such; its labels
            are text.

    Returns:
        The type, or None when models can't read the column (intervals, ranges, network addresses,
        …). A list is taken to have no NULL in it: one that has violates its contract, unless that
        allows it.
    """
    element = element_name(database_type)
    if element:
        items = Text() if enum else _scalar(element)
        unread = isinstance(items, Time) or element in _ONLY_COLUMNS
        unread = unread or (bool(printed_type(element)) and element not in _LISTED_PRINTED)
        return None if items is None or unread else Array(items)
    return Text() if enum else _scalar(database_type)


def element_name(database_type: str) -> str:
    """Give the type of a list's elements as it is printed; nothing when it is no list."""
    found = _LISTED.search(database_type)
    return database_type[: found.start()] if found else ""


def _scalar(database_type: str) -> Type | None:
    if (fixed := _FIXED.get(database_type)) is not None:
        return fixed
    if printed_type(database_type):
        return Text()
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


def _decimal(precision: int, scale: int = 0) -> Type:
    if 1 <= precision <= MAX_PRECISION and 0 <= scale <= precision:
        return Decimal(precision, scale)
    return Numeric()


def printed_type(database_type: str) -> str:
    """Give the name of a type that models see as the text that the database prints.

    Such a text doesn't compare as its values do: they have an order of their own, or none.

    Args:
        database_type: as `format_type` prints it; domains looked through.

    Returns:
        The name without sizes, such as `inet`, `interval` or `bit`; nothing for any other type.
    """
    if database_type in _PRINTED:
        return database_type
    if _INTERVAL.match(database_type):
        return "interval"
    return "bit" if _BITS.match(database_type) else ""


def only_column(database_type: str) -> bool:
    """Tell whether columns may have a type that models give nothing."""
    return database_type in _ONLY_COLUMNS or bool(printed_type(database_type))


def listed_as_printed(database_type: str) -> bool:
    """Tell whether a type is a list of what models see as printed texts, such as `inet[]`."""
    return bool(printed_type(element_name(database_type)))


def equal_texts(database_type: str) -> bool:
    """Tell whether equal values of a type have equal texts, where models see its texts."""
    return _PRINTED.get(printed_type(database_type), True)


def bits_of(database_type: str) -> int:
    """Give how many bits a value of `bit(n)` has."""
    found = _BITS.match(database_type)
    return int(found[1] or 1) if found else 0


def is_padded(database_type: str) -> bool:
    """Tell whether values come padded with spaces that don't count: `character(n)`."""
    return _PADDED.match(database_type) is not None


ALWAYS_SENT = (Text(), Uuid(), Json(), Integer(32), Integer(64))
"""Elements of lists for which Debezium marks a large unchanged list; of others it makes NULL."""


def is_marked(kind: Type | None) -> bool:
    """Tell whether a large unchanged value of the type arrives as a mark that can be known."""
    if not isinstance(kind, Array):
        return True
    return isinstance(kind.items, Text) or kind.items in ALWAYS_SENT
