"""Products as tables: what a model sees of another product is what its contract promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streammesh.contracts.contract import Contract, examine
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
from streammesh.documents.values import (
    ContractFile,
    ProductName,
    Source,
    TableName,
    Workspace,
)
from streammesh.errors import MeshError
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


@dataclass(frozen=True)
class Offered:
    """A product as others may read it.

    Attributes:
        fields: of its documents, as promised.
        key: the fields that are its key, in key order.
    """

    fields: Record
    key: tuple[str, ...]


def offered_by_files(workspace: Workspace) -> dict[ProductName, Offered]:
    """Give the products that a workspace's files offer; one whose contract is wrong is left out."""
    found = {}
    for port in workspace.ports:
        if port.status == "retired":
            continue
        contract, errors = _examined(port.contract)
        if contract is not None and not errors:
            name = ProductName(port.domain, port.product, port.name, port.major)
            found[name] = Offered(contract.fields, tuple(one.name for one in contract.key))
    return found


def _examined(file: ContractFile) -> tuple[Contract | None, list[MeshError]]:
    try:
        return examine(file)
    except MeshError as error:
        return None, [error]


def tables_of(source: Source, offered: Mapping[ProductName, Offered]) -> tuple[Table, ...]:
    """Give the tables of a source of products; those that are not offered are left out."""
    known = ((one.table, offered.get(one)) for one in source.products)
    return tuple(product_table(table, one.fields, one.key) for table, one in known if one)
