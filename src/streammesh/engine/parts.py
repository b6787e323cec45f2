"""All keys of a product in parts: the rows of its roots, SELECT by SELECT of its model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streammesh.engine.rows import Key
from streammesh.engine.state import State
from streammesh.models.compiled import Branch
from streammesh.models.storage import quote, table_name


@dataclass(frozen=True)
class Place:
    """Up to where keys were given.

    Attributes:
        branch: the SELECT that comes next, from 0.
        after: the primary key of the last of its rows; empty at its beginning.
        skip: how many rows from there were given before.
    """

    branch: int = 0
    after: Key = ()
    skip: int = 0


def count(state: State, branch: Branch) -> int:
    """Give how many rows the root of a SELECT has."""
    return int(state.execute(f"SELECT count(*) FROM {table_name(branch.root)}").get)


def part_of(
    state: State, branches: Sequence[Branch], place: Place, most: int
) -> tuple[list[Key], Place]:
    """Give the keys of the next part, each once, and up to where they go.

    Args:
        state: has the tables.
        branches: the SELECTs of a model.
        place: where the part begins.
        most: how many rows a part has.
    """
    keys: dict[Key, None] = {}
    while most and place.branch < len(branches):
        branch = branches[place.branch]
        rows = _rows(state, branch, place, most)
        if not rows and place.skip:
            place = Place(place.branch + 1, skip=max(0, place.skip - count(state, branch)))
            continue
        width = len(branch.key)
        keys.update((row[:width], None) for row in rows)
        ended = len(rows) < most
        most -= len(rows)
        place = Place(place.branch + 1) if ended else Place(place.branch, rows[-1][width:])
    return list(keys), place


def _rows(state: State, branch: Branch, place: Place, most: int) -> list[Key]:
    """Give the keys of documents from some place on, each with its row's primary key behind it."""
    keys = ", ".join(part.constant or quote(part.column) for part in branch.key)
    columns = ", ".join(map(quote, state.tables[branch.root].primary_key))
    # behind the last row of the part before: to count rows up to there would take ever longer
    behind = f" WHERE ({columns}) > ({', '.join('?' * len(place.after))})" if place.after else ""
    sql = (
        f"SELECT {keys}, {columns} FROM {table_name(branch.root)}{behind}"
        f" ORDER BY {columns} LIMIT {most} OFFSET ?"
    )
    return [tuple(row) for row in state.rows(sql, (*place.after, place.skip))]
