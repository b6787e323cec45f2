"""How the engine's state (SQLite) keeps the tables of a source.

A state table is called `"schema.table"`, its columns as in the database, its values are in
*state form* (`contracts.types`). What a column holds is decided by its type alone, so that two
columns of one type compare by their stored values as the database compares them.

How a value gets there says `incoming`; what no document can show has a state form as well:

| type | value | state form |
|---|---|---|
| Decimal of up to 18 digits | NaN | REAL 1e300 |
| wider Decimal, Numeric | NaN, infinities | TEXT `NaN`, `Infinity`, `-Infinity` |
| Date, Timestamp | infinite, years before 1 and after 9999 | TEXT that is in order (`moments`) |
| Json | beyond what readers of JSON hold | `9e999` in its place |
| Array | what capture does not tell | a JSON text in place of the list |
"""

from __future__ import annotations

from streammesh.contracts.types import Boolean, Decimal, Integer, Type
from streammesh.documents.values import TableName
from streammesh.models.compiled import CompiledModel

FAST_DIGITS = 18
"""Decimals of up to so many digits are scaled integers of 64 bits; wider ones are text."""


def quote(identifier: str) -> str:
    """Give an identifier as both SQLite and PostgreSQL take it."""
    return '"' + identifier.replace('"', '""') + '"'


def table_name(table: TableName) -> str:
    """Name the state's table of a source's table, quoted."""
    return quote(str(table))


def column_ddl(kind: Type | None) -> str:
    """Give the SQLite type of a column: INTEGER or TEXT, so that no value is ever converted.

    Args:
        kind: the column's type; None for one that models can't read.
    """
    whole = isinstance(kind, Integer | Boolean) or is_fast(kind)
    return "INTEGER" if whole else "TEXT"


def indexes(model: CompiledModel) -> set[tuple[TableName, tuple[str, ...]]]:
    """Give the column lists by which rows of the state are looked up for a model.

    Both ways of every hop: towards the root when a change is followed, from it when documents are
    evaluated. Some of them are primary keys.
    """
    found: set[tuple[TableName, tuple[str, ...]]] = set()
    for path in (path for one in model.branches for path in one.paths):
        here = path.table
        for hop in path.hops:
            found |= {(here, hop.from_columns), (hop.table, hop.to_columns)}
            here = hop.table
    return found


def is_fast(kind: Type | None) -> bool:
    """Tell whether the type is a decimal kept as a scaled integer."""
    return isinstance(kind, Decimal) and kind.precision <= FAST_DIGITS
