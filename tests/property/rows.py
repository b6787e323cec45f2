"""Which rows generated tables have: four keys a table, and references to the keys of others."""

from __future__ import annotations

from tests.property.tables import Database, Reference, Table

ROWS = 4
"""Rows that a table has to begin with, at most; there is one key more, a spare one."""


def key(database: Database, table: Table, number: int) -> dict[str, str]:
    """Give the literals of a table's key, another for each number up to `ROWS`."""
    found: dict[str, str] = {}
    links = [one for one in table.references if set(one.columns) <= set(table.key)]
    plain = [name for name in table.key if not any(name in one.columns for one in links)]
    shares = len(links) + len(plain)
    for place, reference in enumerate(links):
        found |= referring(database, reference, _part(number, place, shares))
    for place, name in enumerate(plain, len(links)):
        pool = table.column(name).kind.keys
        found[name] = pool[_part(number, place, shares) % len(pool)]
    return {name: found[name] for name in table.key}


def _part(number: int, place: int, shares: int) -> int:
    """Give the number of one part of a key: of two, each takes two values."""
    if shares == 1 or number >= ROWS:
        return number
    return number // 2 if place == 0 else number % 2 + 2 * (place > 1)


def referring(database: Database, reference: Reference, number: int) -> dict[str, str]:
    """Give the literals of columns that refer to a row of another table."""
    target = database.tables[reference.target]
    if set(reference.target_columns) == set(target.key):
        theirs = key(database, target, number)
    else:
        (name,) = reference.target_columns
        pool = target.column(name).kind.keys
        theirs = {name: pool[number % len(pool)]}
    pairs = zip(reference.columns, reference.target_columns, strict=True)
    return {mine: theirs[its] for mine, its in pairs}


def nulls(table: Table, reference: Reference) -> dict[str, str] | None:
    """Give a reference to nothing; None where there has to be one."""
    if not all(table.column(name).nullable for name in reference.columns):
        return None
    return dict.fromkeys(reference.columns, "NULL")


def first_row(database: Database, table: Table, salt: int, number: int) -> list[str]:
    """Give a row to begin with, without drawing: another number gives other values."""
    row: dict[str, str] = {}
    for index, column in enumerate(table.columns):
        pool = table.pool(column)
        row[column.name] = pool[(number * (index + salt) + salt + number) % len(pool)]
    if table.unique:
        pool = table.column(table.unique).kind.keys
        row[table.unique] = pool[number % len(pool)]
    for place, reference in enumerate(table.references):
        at = (number * (salt + place) + place) % ROWS
        own = reference.target == table.number
        at = number - 1 if own else at
        row |= (nulls(table, reference) or {}) if own and at < 0 else {}
        row |= referring(database, reference, at) if at >= 0 else {}
    row |= key(database, table, number)
    return [row[one.name] for one in table.columns]
