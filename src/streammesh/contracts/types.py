"""The types of documents: what a model gives and what a contract promises, in one vocabulary.

A *canonical document* is a document as plain JSON values, the same whether the engine or the
database computed it, so that two of them can be compared and digested:

| type | canonical JSON value |
|---|---|
| Boolean | true, false |
| Integer | number without fraction |
| Decimal(p, s) | string with exactly s decimals, no exponent: "12.50", "-0.05", "3" |
| Numeric | string of digits with or without a point, no exponent |
| Text, Enum | string |
| Bytes | string, lower-case hex |
| Date | "2026-01-31" |
| Time | "10:00:00.000000" |
| Timestamp | "2026-01-31T10:00:00.000000" |
| Timestamp(zone=True) | the same in UTC with "Z" at its end |
| Uuid | lower-case with hyphens |
| Json | any JSON value, objects with sorted keys |
| Record | object |
| Array | array |

An absent value is null. All times are in microseconds.

The *state form* is how the engine's state (SQLite) keeps a value, and how `CompiledModel.evaluate`
prints it into a document's JSON:

| type | state form |
|---|---|
| Boolean | INTEGER 0 or 1 |
| Integer | INTEGER |
| Decimal(p, s), p <= 18 | INTEGER: the value times 10^s |
| Decimal(p, s), p > 18 | TEXT, as in the canonical document |
| Text, Bytes, Date, Time, Timestamp, Uuid | TEXT, as in the canonical document |
| Json | TEXT: canonical JSON; inside a document the JSON value itself |
| Numeric | TEXT: plain digits, no zeros at the end; also `NaN`, `Infinity`, `-Infinity` |
| Record, Array | JSON, with values in state form |

Values that a column may hold and no document can show keep their order and their equality in the
state, and have no canonical form, so that a document that would show one violates its contract:
`models.storage` lists them.
"""

from __future__ import annotations

import msgspec


class Boolean(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """True or false."""


class Integer(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A whole number of 16, 32 or 64 bits, signed."""

    bits: int = 64


class Decimal(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """An exact number: `precision` digits, `scale` of them behind the point."""

    precision: int
    scale: int


class Numeric(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """An exact number of any size, as a column may hold it; a contract promises a Decimal."""


class Text(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """Characters, of any length unless `length` bounds it."""

    length: int | None = None


class Bytes(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """Octets."""


class Date(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A day."""


class Time(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A time of day."""


class Timestamp(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A day and time; an instant when `zone` is true."""

    zone: bool = False


class Uuid(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A UUID."""


class Json(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """Any JSON value."""


class Field(msgspec.Struct, frozen=True):
    """A field of a record.

    Attributes:
        name: as in the document.
        type: what it holds.
        required: whether it is never null.
        description: for people.
        valid_values: the only values allowed, of a text or an integer; empty for any.
    """

    name: str
    type: Type
    required: bool = False
    description: str = ""
    valid_values: tuple[str | int, ...] = ()


class Record(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """Named fields, in order."""

    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Give the field of that name."""
        return next((one for one in self.fields if one.name == name), None)


class Array(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A list; `required` tells whether its elements are never null."""

    items: Type
    required: bool = True


Type = (
    Boolean
    | Integer
    | Decimal
    | Numeric
    | Text
    | Bytes
    | Date
    | Time
    | Timestamp
    | Uuid
    | Json
    | Record
    | Array
)
