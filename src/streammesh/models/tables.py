"""The tables of an operational database, as its catalog describes them."""

from __future__ import annotations

from dataclasses import dataclass

from streammesh.contracts.types import Type
from streammesh.documents.values import TableName


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: as in the database.
        database_type: as the database prints it, such as `numeric(12,2)`.
        type: what a model sees, None when models can't read it (it may be captured all the same).
        nullable: whether it may be NULL.
    """

    name: str
    database_type: str
    type: Type | None
    nullable: bool


@dataclass(frozen=True)
class Table:
    """A table of a source.

    Attributes:
        name: schema and name.
        columns: the captured ones (without the excluded), in the database's order.
        primary_key: column names in key order; empty when there is none.
        unique: complete, non-partial unique constraints over columns that are never NULL.
        replica_identity: "default", "full", "index" or "nothing".
        estimated_rows: what the database's statistics say, -1 when unknown.
    """

    name: TableName
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    replica_identity: str = "default"
    estimated_rows: int = -1

    def column(self, name: str) -> Column | None:
        """Give the column of that name."""
        return next((one for one in self.columns if one.name == name), None)
