"""Products as tables: what a model sees of another product is what its contract promises."""

from __future__ import annotations

from collections.abc import Sequence

from streammesh.contracts.types import (
    Boolean,
    Bytes,
    Date,
    Decimal,
    Enum,
    Field,
    Float,
    Integer,
    Json,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.documents.values import TableName
from streammesh.models.tables import Column, Table


def product_table(name: TableName, contract: Record, key: Sequence[str]) -> Table:
    """Give a product as the table that models read.

    Args:
        name: what models call it.
        contract: its documents' fields.
        key: the fields that are its key.
    """
    columns = tuple(_column(one) for one in contract.fields)
    return Table(name, columns, tuple(key), whole=True)


def _column(field: Field) -> Column:
    kind, printed = _seen(field.type)
    return Column(field.name, printed, kind, nullable=not field.required)


def _seen(kind: Type) -> tuple[Type, str]:  # noqa: PLR0911 - one line per type
    """Give the type that models see, and what PostgreSQL calls it.

    Objects, maps and lists are JSON, as `mesh consume` prints them.
    """
    match kind:
        case Integer(bits):
            return kind, {16: "smallint", 32: "integer"}.get(bits, "bigint")
        case Decimal(precision, scale):
            return kind, f"numeric({precision},{scale})"
        case Float(bits):
            return kind, "real" if bits == 32 else "double precision"
        case Text() | Enum():
            return Text(), "text"
        case Timestamp(zone):
            return kind, f"timestamp {'with' if zone else 'without'} time zone"
        case Boolean() | Bytes() | Date() | Time() | Uuid():
            return kind, _PLAIN[type(kind)]
        case _:
            return Json(), "jsonb"


_PLAIN = {
    Boolean: "boolean",
    Bytes: "bytea",
    Date: "date",
    Time: "time without time zone",
    Uuid: "uuid",
}
