"""A view as a value: a table that policies may read, and where its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from streammesh.policies.state import MeshState

Rows = Callable[[MeshState], Iterable[tuple[Any, ...]]]


@dataclass(frozen=True)
class ViewColumn:
    """A column of a view.

    Attributes:
        name: as policies write it.
        type: "TEXT", "INTEGER" or "REAL".
        meaning: what stands in it.
    """

    name: str
    type: str
    meaning: str


_JOINED = ("subject", "asset", "product")
"""Columns by which views are joined: without an index, a subquery of each row reads all rows."""


@dataclass(frozen=True)
class View:
    """A table that policies may read.

    Attributes:
        name: as policies write it.
        about: what one row of it is.
        tables: of the catalog, that its rows are made of.
        columns: in the order of its rows.
        rows: makes them.
    """

    name: str
    about: str
    tables: tuple[str, ...]
    columns: tuple[ViewColumn, ...]
    rows: Rows

    @property
    def create(self) -> str:
        """The statements that make it, with indexes by which views are joined."""
        columns = ", ".join(f'"{one.name}" {one.type}' for one in self.columns)
        indexes = "".join(
            f'; CREATE INDEX "{self.name}_by_{one.name}" ON "{self.name}" ("{one.name}")'
            for one in self.columns
            if one.name in _JOINED
        )
        return f'CREATE TABLE "{self.name}" ({columns}){indexes}'


def columns(text: str) -> tuple[ViewColumn, ...]:
    """Read columns, a line each: name, type where it isn't TEXT, `:`, meaning."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        head, _, meaning = line.partition(": ")
        name, _, kind = head.partition(" ")
        found.append(ViewColumn(name, kind or "TEXT", meaning))
    return tuple(found)
