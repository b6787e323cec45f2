"""SQL text for the engine (SQLite) and the database (PostgreSQL): constants, documents, names."""

from __future__ import annotations

from streammesh.contracts.types import (
    Array,
    Bytes,
    Date,
    Decimal,
    Float,
    Json,
    Numeric,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.documents.values import TableName
from streammesh.models.postgres_types import printed_type
from streammesh.models.storage import quote
from streammesh.models.tables import Column
from streammesh.models.values import Value

MAX_FIELDS = 400
"""Fields of one object: SQLite takes 1,000 arguments."""

_PLAIN_TEXTS = ("text", "character varying", "varchar")

_POSTGRES_FIELDS = 50
"""PostgreSQL takes 100 arguments: fields of one call."""


def text(value: str) -> str:
    """Give a text constant, as both take it."""
    return "'" + value.replace("'", "''") + "'"


def database_text(value: str) -> str:
    """Give a text constant for the database, without the mark where a condition is put in."""
    parts = [text(part) for part in value.replace("{where}", "{\0where}").split("\0")]
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def database_table(table: TableName) -> str:
    """Name a table of the source for PostgreSQL."""
    return f"{quote(table.schema)}.{quote(table.name)}"


def database_column(name: str, column: Column) -> str:
    """Give the database's SQL of a column that is no list, in the type that models see.

    Args:
        name: how the query names it.
        column: what it is.
    """
    if printed_type(column.stored_type):
        # as its output function prints it: the cast of inet to text adds /32
        return f"(to_json({name}) #>> '{{}}')"
    plain = column.database_type.partition("(")[0] in _PLAIN_TEXTS
    if isinstance(column.type, Text) and not plain:
        return f"{name}::text"
    if isinstance(column.type, Json):
        # json and jsonb alike: PostgreSQL takes no two of them into one CASE or coalesce
        return f"{name}::json"
    # to_json would write an oid as a text
    return f"{name}::bigint" if column.stored_type == "oid" else name


def canonical(value: Value) -> str:  # noqa: PLR0911 - one line per type
    """Give the database's SQL of a value as it stands in a canonical document."""
    sql = value.database
    match value.type:
        case Decimal(_, scale):
            return f"round({sql}, {scale})::text"
        case Bytes():
            return f"encode({sql}, 'hex')"
        case Date():
            # as ISO 8601 writes it; to_char takes no days of later years than timestamps have
            return f"(to_json({sql}) #>> '{{}}')"
        case Time():
            return f"to_char({sql}, 'HH24:MI:SS.US')"
        case Timestamp(zone=True):
            return _moment(f"({sql} AT TIME ZONE 'UTC')", 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        case Timestamp():
            return _moment(sql, 'YYYY-MM-DD"T"HH24:MI:SS.US')
        case Uuid() | Numeric():
            return f"({sql})::text"
        case _:
            return sql


def _moment(sql: str, form: str) -> str:
    """Give a day or time; infinite ones by their names, and years before 1 marked as such."""
    return f"coalesce(replace(to_char({sql}, '{form} BC'), ' AD', ''), ({sql})::text)"


def database_array(name: str, kind: Array) -> str:
    """Give the database's SQL of a column's list as JSON with canonical values.

    A value of several dimensions comes as such, which no document can show.
    """
    match kind.items:
        case Decimal() | Text() | Uuid():
            return f"to_json({name}::text[])"
        case Timestamp() | Bytes() | Date() | Json() | Numeric():
            pass
        case _:
            return f"to_json({name})"
    element = canonical(Value(kind.items, "", "e"))
    elements = (
        f"SELECT json_agg({element} ORDER BY n) FROM unnest({name}) WITH ORDINALITY AS u(e, n)"
    )
    return (
        f"CASE WHEN array_ndims({name}) > 1 THEN to_json({name})"
        f" WHEN {name} IS NOT NULL THEN coalesce(({elements}), '[]'::json) END"
    )


def document(value: Value) -> str:
    """Give the engine's SQL of a value as it stands in a document."""
    return f"json({value.engine})" if isinstance(value.type, Json) else value.engine


def record(parts: tuple[tuple[str, Value], ...]) -> tuple[str, str]:
    """Give an object's SQL for engine and database."""
    engine = ", ".join(f"{text(name)}, {document(value)}" for name, value in parts)
    return f"json_object({engine})", _database_record(parts)


def _database_record(parts: tuple[tuple[str, Value], ...]) -> str:
    printed = [f"{database_text(name)}, {canonical(value)}" for name, value in parts]
    if len(printed) <= _POSTGRES_FIELDS:
        return f"json_build_object({', '.join(printed)})"
    chunks = (
        f"jsonb_build_object({', '.join(printed[at : at + _POSTGRES_FIELDS])})"
        for at in range(0, len(printed), _POSTGRES_FIELDS)
    )
    return f"({' || '.join(chunks)})::json"


def cast_target(kind: Type) -> str:  # noqa: PLR0911 - one line per type
    """Give PostgreSQL's name of a plain type."""
    match kind:
        case Decimal(precision, scale):
            return f"numeric({precision},{scale})"
        case Timestamp(zone):
            return "timestamptz" if zone else "timestamp"
        case Text():
            return "text"
        case Record() | Array() | Json():
            return "json"
        case Bytes():
            return "bytea"
        case Float(size):
            return "real" if size == 32 else "double precision"
        case _:
            bits = getattr(kind, "bits", None)
            if bits is not None:
                return {16: "smallint", 32: "integer"}.get(bits, "bigint")
            return type(kind).__name__.lower()
