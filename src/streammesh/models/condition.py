"""A compiled rule in SQL, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """A rule in SQL, compiled.

    Attributes:
        field: the property that it stands at; empty for the document.
        name: what the contract calls it, or its SQL.
        table: the table of documents that the query reads, made of `columns` and the first one.
        number: the table's first column: which document a row is.
        columns: the document's fields that the query reads.
        query: gives the numbers of the documents that break the rule.
    """

    field: str
    name: str
    table: str
    number: str
    columns: tuple[str, ...]
    query: str
