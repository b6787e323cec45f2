"""What a plan tells of the sizes of a product's documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from streammesh.documents.values import TableName
from streammesh.models.compiled import Path

Kind = Literal["list", "fan-out"]


@dataclass(frozen=True)
class Question:
    """Something to count.

    Attributes:
        kind: `list`: how many rows of the path's table one document has at most; `fan-out`: in how
            many documents one row of it is at most.
        path: from the table to the root.
        root: the root table.
        root_key: its primary key.
        table_key: the primary key of the path's table.
        field: the field that shows the list, such as `lines`; empty for none.
        twice: whether a row can reach the same document in more than one way.
    """

    kind: Kind
    path: Path
    root: TableName
    root_key: tuple[str, ...]
    table_key: tuple[str, ...]
    field: str = ""
    twice: bool = False


@dataclass(frozen=True)
class Largest:
    """An answer.

    Attributes:
        kind: see `Question`.
        table: the table whose rows are counted.
        field: the field that shows the list; empty for none.
        count: how many; -1 when it could not be found out.
        key: for a list the document's key, for a fan-out the row's; empty when unknown.
        exact: whether it was counted; else estimated from the database's statistics.
        reason: why it could not be found out.
    """

    kind: Kind
    table: TableName
    field: str = ""
    count: int = -1
    key: tuple[str, ...] = ()
    exact: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Document:
    """The size of the document with the most rows.

    Attributes:
        key: its key.
        size: its bytes as JSON; the event, in Avro without the names of fields, is smaller.
    """

    key: tuple[str, ...]
    size: int


@dataclass(frozen=True)
class Sizes:
    """All answers of one product."""

    largest: tuple[Largest, ...] = ()
    document: Document | None = None

    def of(self, kind: Kind) -> tuple[Largest, ...]:
        """Give the answers of one kind, the largest first, one for each table."""
        found: dict[tuple[TableName, str], Largest] = {}
        for one in sorted(self.largest, key=lambda one: -one.count):
            if one.kind == kind:
                found.setdefault((one.table, one.field), one)
        return tuple(found.values())
