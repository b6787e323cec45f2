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
        base: the type behind a domain, as printed; empty when the type is no domain.
        folds: whether the database takes different texts in it for the same (citext, collations
            that are not deterministic).
    """

    name: str
    database_type: str
    type: Type | None
    nullable: bool
    base: str = ""
    folds: bool = False

    @property
    def stored_type(self) -> str:
        """The type of its values as the database prints it, domains looked through."""
        return self.base or self.database_type


@dataclass(frozen=True)
class Table:
    """A table of a source.

    Attributes:
        name: schema and name.
        columns: the captured ones (without the excluded), in the database's order.
        primary_key: column names in key order; empty when there is none.
        unique: complete, non-partial unique constraints; their columns may be NULL, which no
            equality of a join matches.
        replica_identity: "default", "full", "index" or "nothing".
        estimated_rows: what the database's statistics say, -1 when unknown.
        whole: whether the engine keeps all that the database stores of a row, and the database
            keeps values in the row up to its usual size: then a small row was sent with all of it.
    """

    name: TableName
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    replica_identity: str = "default"
    estimated_rows: int = -1
    whole: bool = False

    def column(self, name: str) -> Column | None:
        """Give the column of that name."""
        return next((one for one in self.columns if one.name == name), None)
