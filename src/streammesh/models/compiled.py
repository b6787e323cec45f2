"""A compiled model: all that the engine needs to keep documents up to date, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from streammesh.contracts.types import Record
from streammesh.contracts.violations import Violation
from streammesh.documents.values import TableName

GIVEN_TWICE = Violation("has a key that several SELECTs of the model's UNION ALL give")
"""Of such a key there is no document: nothing says which one is meant."""


@dataclass(frozen=True)
class Hop:
    """One step from a table towards the root: rows where `from_columns` = `to_columns`.

    Attributes:
        table: the table arrived at.
        from_columns: columns of the table that the step starts from.
        to_columns: columns of `table`, in the same order.
    """

    table: TableName
    from_columns: tuple[str, ...]
    to_columns: tuple[str, ...]


@dataclass(frozen=True)
class Path:
    """How a change of one occurrence of a table reaches the root's rows.

    Attributes:
        table: the table that changed.
        hops: the steps; the last one arrives at the root. Empty for the root itself.
    """

    table: TableName
    hops: tuple[Hop, ...]


@dataclass(frozen=True)
class KeyColumn:
    """One part of a document's key.

    Attributes:
        field: the output field that shows it.
        column: the column of the root's primary key; empty for a constant.
        constant: of a constant, its SQL for the engine's state; empty for a column.
    """

    field: str
    column: str
    constant: str = ""


@dataclass(frozen=True)
class Branch:
    """One SELECT of a model: all there is, or one of those with UNION ALL between them.

    Attributes:
        root: its first table; each of its rows is a document.
        key: the parts of the key, those of all SELECTs in the same order.
        paths: how each table in it leads to the root, each way once, the root's own first.
    """

    root: TableName
    key: tuple[KeyColumn, ...]
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Lineage:
    """Where an output field comes from.

    Attributes:
        field: dotted path, arrays with `[]`: `lines[].amount`.
        columns: (table, column) pairs it is computed from.
    """

    field: str
    columns: tuple[tuple[TableName, str], ...]


@dataclass(frozen=True)
class CompiledModel:
    """A model, ready for the engine and for the database.

    Attributes:
        domain: owning domain.
        source: the source its tables are of.
        root: table whose primary key is the document's key; that of the first SELECT.
        key: the parts of the key, in the order of the root's primary key.
        columns: for each table read, the columns read (keys and edges included).
        paths: how each table in the first SELECT leads to the root, each way once, the root's own
            first.
        evaluate: SQL for the engine's state. It reads the temporary table `wanted` with columns
            `k0, k1, …` (the document's key, in state form, unique) and gives rows `k0, k1, …,
            document`; `document` is JSON text with values in state form, in the model's order of
            fields. Keys whose root row is gone, or that the model filters out, give no row; those
            of several SELECTs give several.
        preview: SQL for the database: rows `k0, k1, …, document` (json, canonical values) of all
            documents; `{where}` at its end is replaced by nothing, or by WHERE and ORDER BY over
            `p0, p1, …`, the document's key as the database holds it (`models.queries`).
        fields: what the document holds, as the model gives it.
        lineage: where each field comes from.
        others: the SELECTs after the first, where UNION ALL stands between them.
    """

    domain: str
    source: str
    root: TableName
    key: tuple[KeyColumn, ...]
    columns: tuple[tuple[TableName, tuple[str, ...]], ...]
    paths: tuple[Path, ...]
    evaluate: str
    preview: str
    fields: Record
    lineage: tuple[Lineage, ...]
    others: tuple[Branch, ...] = ()

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Its SELECTs, in the order written."""
        return (Branch(self.root, self.key, self.paths), *self.others)


def reads(model: CompiledModel) -> frozenset[TableName]:
    """Give the tables that a model reads."""
    followed = {path.table for one in model.branches for path in one.paths}
    return frozenset(table for table, _ in model.columns) | followed
