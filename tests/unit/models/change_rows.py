"""An example of each row of the table of changes, and beside it one that is near but another.

Of fields: the property in the old version, in the new one, and in one where the row doesn't apply.
"""

from __future__ import annotations

from typing import NamedTuple

from streammesh.contracts.changes.kinds import Kind


class FieldRow(NamedTuple):
    kind: Kind
    old: str
    new: str
    other: str
    path: str = "a"


def _text(more: str = "") -> str:
    return f"{{ name: a, logicalType: string{', ' if more else ''}{more} }}"


def _typed(physical: str, more: str = "", logical: str = "number") -> str:
    return f'{{ name: a, logicalType: {logical}, physicalType: "{physical}"{more} }}'


def _rule(metric: str, arguments: str = "", more: str = "mustBe: 0") -> str:
    said = f", arguments: {{ {arguments} }}" if arguments else ""
    return f"quality: [ {{ type: library, metric: {metric}, {more}{said} }} ]"


def _valid(words: str) -> str:
    return _rule("invalidValues", f"validValues: [{words}]")


def _stream(options: str) -> str:
    return f"customProperties: [ {{ property: stream, value: {{ {options} }} }} ]"


def _enum(words: str, more: str = "") -> str:
    return _text(f"{_valid(words)}, {_stream('avro: enum' + more)}")


def _integer(physical: str, more: str = "") -> str:
    return _typed(physical, more, "integer")


def _default(value: str) -> str:
    return _text(f"required: true, {_stream(f'default: {value}')}")


_B = "{ name: b, logicalType: integer }"
_REQUIRED = "required: true"
_OBJECT = "{ name: o, logicalType: object, properties: [ %s ] }"
_CRITICAL = "criticalDataElement: true"

FIELD_ROWS = [
    FieldRow(Kind.FIELD_ADDED_OPTIONAL, _B, f"{_B}\n{_text()}", f"{_B}\n{_text(_REQUIRED)}"),
    FieldRow(Kind.FIELD_ADDED_REQUIRED, _B, f"{_B}\n{_text(_REQUIRED)}", f"{_B}\n{_default('x')}"),
    FieldRow(Kind.FIELD_REMOVED_REQUIRED, f"{_B}\n{_text(_REQUIRED)}", _B, f"{_B}\n{_text()}"),
    FieldRow(Kind.FIELD_REMOVED_OPTIONAL, f"{_B}\n{_text()}", _B, f"{_B}\n{_text(_REQUIRED)}"),
    FieldRow(
        Kind.FIELD_RENAMED,
        "{ name: z, logicalType: string, description: The city. }",
        _text("description: The city."),
        "{ name: a, logicalType: boolean, description: The city. }",
    ),
    FieldRow(
        Kind.FIELD_MOVED,
        f"{_text()}\n{_OBJECT % _B}",
        _OBJECT % f"{_B}, {_text()}",
        f"{_OBJECT % _B}\n{_text()}",
        "o.a",
    ),
    FieldRow(Kind.TYPE_WIDENED, _integer("integer"), _integer("bigint"), _integer("smallint")),
    FieldRow(Kind.TYPE_NARROWED, _integer("bigint"), _integer("integer"), _integer("int8")),
    FieldRow(Kind.TYPE_REPLACED, _integer("bigint"), _text(), _integer("long")),
    FieldRow(
        Kind.TYPE_READ_OTHERWISE,
        _integer("integer"),
        "{ name: a, logicalType: date }",
        _integer("smallint"),
    ),
    FieldRow(
        Kind.SIZE_WIDENED, _typed("varchar(10)", logical="string"), _text(), _integer("bigint")
    ),
    FieldRow(Kind.SIZE_NARROWED, _integer("integer"), _integer("smallint"), _integer("bigint")),
    FieldRow(
        Kind.DECIMAL_SCALE,
        _typed("decimal(12,2)"),
        _typed("decimal(12,3)"),
        _typed("decimal(13,2)"),
    ),
    FieldRow(
        Kind.DECIMAL_PRECISION,
        _typed("decimal(12,2)"),
        _typed("decimal(13,2)"),
        _typed("numeric(12,2)"),
    ),
    FieldRow(Kind.MADE_REQUIRED, _text(), _text(_REQUIRED), _text("required: false")),
    FieldRow(Kind.MADE_OPTIONAL, _text(_REQUIRED), _text(), _text("required: true")),
    FieldRow(Kind.DEFAULT_ADDED, _text(_REQUIRED), _default("x"), _text()),
    FieldRow(Kind.DEFAULT_CHANGED, _default("x"), _default("y"), _default('"x"')),
    FieldRow(Kind.DEFAULT_REMOVED, _default("x"), _text(_REQUIRED), _default("y")),
    FieldRow(Kind.ENUM_VALUE_ADDED, _text(_valid("x, y")), _text(_valid("z, y, x")), _enum("x, y")),
    FieldRow(
        Kind.ENUM_VALUE_REMOVED, _text(_valid("x, y")), _text(_valid("x")), _text(_valid("y, x"))
    ),
    FieldRow(Kind.ENUM_WORD_ADDED, _enum("x, y"), _enum("x, y, z"), _enum("y, x")),
    FieldRow(Kind.ENUM_WORD_REMOVED, _enum("x, y"), _enum("x"), _enum("x", ", unknown: x")),
    FieldRow(
        Kind.ENUM_UNKNOWN_CHANGED,
        _enum("x, y", ", unknown: x"),
        _enum("x, y", ", unknown: y"),
        _enum("y, x", ", unknown: x"),
    ),
    FieldRow(
        Kind.ENUM_UNKNOWN_REMOVED,
        _enum("x, y", ", unknown: x"),
        _enum("x, y"),
        _enum("x, y", ", unknown: y"),
    ),
    FieldRow(
        Kind.FORMAT_LOOSENED,
        _integer("integer", ", logicalTypeOptions: { minimum: 5 }"),
        _integer("integer", ", logicalTypeOptions: { minimum: 4 }"),
        _integer("integer", ", logicalTypeOptions: { exclusiveMinimum: 4 }"),
    ),
    FieldRow(
        Kind.FORMAT_TIGHTENED,
        _text(),
        _text('logicalTypeOptions: { pattern: "^a" }'),
        _text("logicalTypeOptions: { minLength: 0 }"),
    ),
    FieldRow(Kind.UNIT_CHANGED, _text(_stream("unit: EUR")), _text(_stream("unit: cent")), _text()),
    FieldRow(Kind.UNIT_SAID, _text(), _text(_stream("unit: EUR")), _text()),
    FieldRow(
        Kind.MEANING_CHANGED,
        _text(f"{_CRITICAL}, description: Price in €"),
        _text(f"{_CRITICAL}, description: Price in $"),
        _text(f"{_CRITICAL}, description: price  in €."),
    ),
    FieldRow(
        Kind.DESCRIPTION_CHANGED,
        _text("description: One."),
        _text("description: Two."),
        _text('description: "One."'),
    ),
    FieldRow(
        Kind.CLASSIFICATION_RAISED,
        _text("classification: public"),
        _text("classification: confidential"),
        _text("classification: restricted"),
    ),
    FieldRow(
        Kind.CLASSIFICATION_RESTRICTED,
        _text("classification: confidential"),
        _text("classification: restricted"),
        _text("classification: internal"),
    ),
    FieldRow(
        Kind.CLASSIFICATION_LOWERED,
        _text("classification: confidential"),
        _text("classification: internal"),
        _text("classification: Confidential"),
    ),
    FieldRow(
        Kind.CLASSIFICATION_CHANGED,
        _text("classification: public"),
        _text("classification: pink"),
        _text("classification: internal"),
    ),
    FieldRow(
        Kind.QUALITY_LOOSENED,
        _text(_rule("nullValues")),
        _text(),
        _text(_rule("nullValues", more="mustBeLessThan: 1")),
    ),
    FieldRow(
        Kind.QUALITY_TIGHTENED,
        _text(_rule("nullValues", more="mustBeLessThan: 50")),
        _text(_rule("nullValues", more="mustBeLessThan: 20")),
        _text(_rule("nullValues", more="mustBeLessThan: 60")),
    ),
    FieldRow(Kind.QUALITY_ADDED, _text(), _text("unique: true"), _text("unique: false")),
]
