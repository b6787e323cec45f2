"""Physical types as contracts write them: `decimal(12,2)`, `timestamp(6) with time zone`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WRITTEN = re.compile(
    r"(?P<name>[a-z][\w ]*?)\s*(?:\(\s*(?P<first>\d+)\s*(?:,\s*(?P<second>\d+)\s*)?\))?"
    r"(?P<zone> with(?:out)? time zone)?\Z"
)

INTEGER_BITS = {
    "tinyint": 16,
    "smallint": 16,
    "smallserial": 16,
    "int2": 16,
    "serial2": 16,
    "integer": 32,
    "int": 32,
    "int4": 32,
    "serial": 32,
    "serial4": 32,
    "bigint": 64,
    "int8": 64,
    "bigserial": 64,
    "serial8": 64,
    "long": 64,
}
"""Bits of the integer types."""

DECIMALS = frozenset({"decimal", "numeric"})
FLOAT_BITS = {
    "real": 32,
    "float4": 32,
    "float32": 32,
    "float": 64,
    "float8": 64,
    "float64": 64,
    "double": 64,
    "double precision": 64,
}
"""Bits of the floating-point types; `float` is SQL's, which has 64."""

SIZED_TEXTS = frozenset({"varchar", "character varying", "char", "character", "bpchar"})
BYTES = frozenset({"bytea", "bytes", "binary", "varbinary", "blob"})
JSONS = frozenset({"json", "jsonb"})
TIMESTAMPS = frozenset({"timestamp", "timestamp without time zone", "timestamp_ntz", "datetime"})
ZONED = frozenset({"timestamptz", "timestamp with time zone", "timestamp_tz", "timestamp_ltz"})
ZONED_TIMES = frozenset({"timetz", "time with time zone"})


@dataclass(frozen=True)
class PhysicalType:
    """A physical type taken apart.

    Attributes:
        text: as written.
        name: lower case, without sizes: `decimal`, `timestamp with time zone`; empty when the
            text is empty or no type.
        sizes: the numbers in parentheses.
    """

    text: str
    name: str
    sizes: tuple[int, ...] = ()


def parse(text: str) -> PhysicalType:
    """Take a physical type apart; case and spaces don't matter."""
    found = _WRITTEN.match(" ".join(text.lower().split()))
    if found is None:
        return PhysicalType(text, "")
    sizes = tuple(int(one) for one in found.group("first", "second") if one is not None)
    return PhysicalType(text, found["name"] + (found["zone"] or ""), sizes)
