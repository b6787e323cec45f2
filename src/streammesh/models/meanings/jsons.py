"""Parts of JSON values, and what lists that are columns hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from streammesh.contracts.types import (
    Array,
    Boolean,
    Date,
    Decimal,
    Integer,
    Json,
    Text,
    Timestamp,
    Type,
)
from streammesh.models.inexact import is_inexact
from streammesh.models.meanings.call import Call, Meaning, Unfit, alike
from streammesh.models.meanings.texts import list_length
from streammesh.models.numbers import is_number, is_wide, numeric, scale_of, scaled, widened
from streammesh.models.printing import text
from streammesh.models.storage import is_fast, quote
from streammesh.models.values import Cause, Value

_MISSING = Cause("the JSON value may have no such part")
_LEAST, _MOST = "1e-300", "1e300"


def _jsonb(value: Value) -> str:
    """Give the database's SQL of a jsonb value."""
    if not isinstance(value.type, Json):
        raise Unfit("it takes a jsonb value")
    if any(ref.column.stored_type == "json" for ref in value.refs):
        raise Unfit(
            "a column of type json may hold what PostgreSQL can't read again: make it jsonb"
        )
    # both columns and what is taken of them are printed as json
    inside = value.database.removesuffix("::json")
    return inside if inside != value.database else f"({value.database})::jsonb"


def _path(call: Call) -> list[str | int]:
    return [one[1:] if one[0] == "." else int(one[1:-1]) for one in call.options]


def _stepped(call: Call) -> tuple[str, str]:
    (value,) = call.values
    database = _jsonb(value)
    path = _path(call)
    for step in path:
        inside = f"({database} -> {text(step) if isinstance(step, str) else step})"
        if isinstance(step, int):
            # of a text, number or truth value the place 0 would be itself
            inside = f"(CASE jsonb_typeof({database}) WHEN 'array' THEN {inside} END)"
        database = inside
    return text(json.dumps(path, ensure_ascii=False)), database


def _part(call: Call) -> Value:
    path, database = _stepped(call)
    (value,) = call.values
    found = call.result(Json(), f"mesh_json({value.engine}, {path})", f"({database})::json")
    return replace(found, nulls=(*value.nulls, _MISSING))


def _part_text(call: Call) -> Value:
    path, part = _stepped(call)
    (value,) = call.values
    written = f"({part} #>> '{{}}')"
    number = f"{written}::numeric"
    plain = f"trim_scale({written}::float8::text::numeric)::text"
    fits = f"abs({number}) >= {_LEAST} AND abs({number}) < {_MOST}"
    fraction = f"CASE WHEN {number} = 0 THEN '0' WHEN {fits} THEN {plain} END"
    database = (
        f"(CASE jsonb_typeof({part}) WHEN 'string' THEN {written} WHEN 'boolean' THEN {written}"
        f" WHEN 'number' THEN CASE WHEN strpos({written}, '.') = 0 THEN {written}"
        f" ELSE {fraction} END END)"
    )
    found = call.result(Text(), f"mesh_json_text({value.engine}, {path})", database)
    return replace(found, nulls=(*value.nulls, _MISSING))


def _array_length(call: Call) -> Value:
    (value,) = call.values
    if (found := list_length(call)) is not None:
        return found
    database = _jsonb(value)
    engine = f"CASE json_type({value.engine}) WHEN 'array' THEN json_array_length({value.engine})"
    counted = f"CASE jsonb_typeof({database}) WHEN 'array' THEN jsonb_array_length({database})"
    length = call.result(Integer(32), f"({engine} END)", f"({counted} END)")
    return replace(length, nulls=(*value.nulls, Cause("the JSON value may be no list")))


# --- lists that are columns


def _column(value: Value) -> tuple[str, Type]:
    """Give the database's name of a column that is a list, and the type of its elements."""
    if not isinstance(value.type, Array) or value.element is not None or len(value.refs) != 1:
        raise Unfit("it takes a column that is a list; of rows, write a IN (SELECT b …)")
    (ref,) = value.refs
    name = f"{quote(ref.occurrence.alias)}.{quote(ref.name)}"
    if value.bare != name:
        raise Unfit("it takes a column that is a list, as it is")
    items = value.type.items
    return f"{name}::text[]" if isinstance(items, Text) else name, items


def _same_form(value: Value, items: Type) -> str:
    """Give the engine's SQL of a value in the form of a list's elements."""
    if is_number(value) and isinstance(items, Integer | Decimal):
        scale = scale_of(items)
        if scale_of(value.type) > scale:
            raise Unfit("the value has more decimals than the list: round(a, n)")
        if is_fast(items) or isinstance(items, Integer):
            if is_wide(value):
                raise Unfit("the value has more digits than the list: cast it")
            return scaled(value, scale, exact=True)
        return widened(value, scale)
    if is_inexact(items) or isinstance(items, Json) or type(value.type) is not type(items):
        raise Unfit("it takes a list, and a value of the kind that it holds")
    if not isinstance(items, Text) and value.type != items:
        raise Unfit("it takes a list, and a value of the kind that it holds")
    return value.engine


def _found(value: Value, items: Value, *, sure: bool) -> tuple[str, str]:
    name, kind = _column(items)
    value, _ = alike(value, Value(kind, "", ""))
    days = int(isinstance(kind, Date | Timestamp))
    engine = f"mesh_has({items.bare}, {_same_form(value, kind)}, {int(sure)}, {days})"
    shown = numeric(value) if isinstance(kind, Decimal) else value.database
    shown = f'{shown} COLLATE "C"' if isinstance(kind, Text) else shown
    return engine, f"({shown} = ANY({name}))"


def _equals_any(call: Call) -> Value:
    value, items = call.values
    engine, database = _found(value, items, sure=False)
    found = call.result(Boolean(), engine, database)
    return replace(found, nulls=(*found.nulls, Cause("a NULL in the list makes it NULL")))


def _contains(call: Call) -> Value:
    items, value = call.values
    engine, database = _found(value, items, sure=True)
    known = f"{_column(items)[0]} IS NOT NULL AND {value.database} IS NOT NULL"
    return call.result(
        Boolean(), engine, f"(CASE WHEN {known} THEN coalesce({database}, FALSE) END)"
    )


def _to_string(call: Call) -> Value:
    items, separator = call.values
    name, kind = _column(items)
    if not isinstance(kind, Text) or not isinstance(separator.type, Text):
        raise Unfit("it takes a list of texts, and a text")
    engine = f"mesh_joined({items.bare}, {separator.engine})"
    return call.result(Text(), engine, f"array_to_string({name}, {separator.database})")


def _meaning(written: str, compute: Callable[[Call], Value], *said: str) -> Meaning:
    return Meaning(written, compute, *said)


_JSONB = "a jsonb value, constants"
PART = _meaning(
    "a -> 'name', a -> 0",
    _part,
    _JSONB,
    "JSON",
    "NULL where there is no such part; places from 0, of -1 the last; also"
    " `json_extract(a, '$.name[0]')`",
)
PART_TEXT = _meaning(
    "a ->> 'name', a ->> 0",
    _part_text,
    _JSONB,
    "text",
    "as it is of a text, `true`, `false`; of a number plain digits, those of a double where it has"
    " a point: `1.5` of 1.50; NULL of JSON's null, of objects and lists, of 1e300 and more and what"
    " is nearer to 0 than 1e-300; also `json_extract_string(a, '$.name')`; a number of it:"
    " `TRY_CAST(a ->> 'n' AS INTEGER)`",
)
ARRAY_LENGTH = _meaning(
    "json_array_length(a)",
    _array_length,
    "a jsonb value or a list",
    "integer",
    "NULL of a JSON value that is no list; also `jsonb_array_length`",
)
EQUALS_ANY = _meaning(
    "a = ANY(b)",
    _equals_any,
    "a value, and a column that is a list of its kind",
    "boolean",
    "NULL where b has a NULL and not a; `a = ANY(SELECT b …)` is `a IN (SELECT b …)`",
)
CONTAINS = _meaning(
    "array_contains(a, b)",
    _contains,
    "a column that is a list, and a value of its kind",
    "boolean",
    "also `list_contains`, `list_has`",
)
TO_STRING = _meaning(
    "array_to_string(a, b)",
    _to_string,
    "a column that is a list of texts, and a text between",
    "text",
    "NULLs are left out",
)
