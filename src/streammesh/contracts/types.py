"""The types of documents: what a model gives and what a contract promises, in one vocabulary.

A *canonical document* is a document as plain JSON values, the same whether the engine or the
database computed it, so that two of them can be compared and digested:

| type | canonical JSON value |
|---|---|
| Boolean | true, false |
| Integer | number without fraction |
| Decimal(p, s) | string with exactly s decimals, no exponent: "12.50", "-0.05", "3" |
| Float | number; "NaN", "Infinity" and "-Infinity" are strings; no negative zero |
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
| Map | object |
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
| Float | TEXT: a number that reads back the same, "NaN", "Infinity" or "-Infinity" |
| Text, Bytes, Date, Time, Timestamp, Uuid | TEXT, as in the canonical document |
| Json | TEXT: canonical JSON; inside a document the JSON value itself |
| Numeric | TEXT: plain digits, no zeros at the end; also `NaN`, `Infinity`, `-Infinity` |
| Record, Map, Array | JSON, with values in state form |

Values that a column may hold and no document can show keep their order and their equality in the
state, and have no canonical form, so that a document that would show one violates its contract:
`models.storage` lists them.
"""

from __future__ import annotations

from typing import Any

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


class Float(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A binary floating-point number of 32 or 64 bits, with NaN and infinities (IEEE 754)."""

    bits: int = 64


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


class Enum(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """One of a few words, an enum in Avro too; a model gives it as a text.

    Attributes:
        symbols: the words.
        unknown: the one that a reader takes for a word that it doesn't know yet.
    """

    symbols: tuple[str, ...]
    unknown: str | None = None


class Rules(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a contract promises of a value beyond its type; checked for each document.

    Attributes:
        valid: the only values allowed, of a text or an integer; empty for any.
        missing: values that stand for a missing one, and so aren't allowed.
        never_null: whether it is never null although its type has null.
        least: smallest value allowed, in canonical form.
        most: greatest value allowed, in canonical form.
        multiple: of an integer or a decimal: its digits as a whole number are a multiple of this.
        patterns: regular expressions (ECMA-262), each of which is found in the text.
        min_size: fewest characters of a text, bytes, elements of a list, entries of a map or
            fields of an object that are not null.
        max_size: most of them; a text has its greatest length in its type.
        unique: whether all elements of a list are different.
    """

    valid: tuple[str | int, ...] = ()
    missing: tuple[str | int, ...] = ()
    never_null: bool = False
    least: int | float | str | None = None
    most: int | float | str | None = None
    multiple: int | None = None
    patterns: tuple[str, ...] = ()
    min_size: int = 0
    max_size: int | None = None
    unique: bool = False


FREE = Rules()
"""No rules."""


class Field(msgspec.Struct, frozen=True):
    """A field of a record.

    Attributes:
        name: as in the document.
        type: what it holds.
        required: whether it is never null.
        description: for people.
        rules: what else is promised of it.
        default: canonical value that readers take where an older event lacks the field.
    """

    name: str
    type: Type
    required: bool = False
    description: str = ""
    rules: Rules = FREE
    default: Any = None


class Record(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """Named fields, in order."""

    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """Give the field of that name."""
        return next((one for one in self.fields if one.name == name), None)


class Array(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """A list; `required` tells whether its elements are never null, `rules` are theirs."""

    items: Type
    required: bool = True
    rules: Rules = FREE


class Map(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """Values by texts; `required` tells whether values are never null, `rules` are theirs."""

    values: Type
    required: bool = True
    rules: Rules = FREE


Type = (
    Boolean
    | Integer
    | Decimal
    | Float
    | Numeric
    | Text
    | Enum
    | Bytes
    | Date
    | Time
    | Timestamp
    | Uuid
    | Json
    | Record
    | Array
    | Map
)
