"""Keys that two rows have for a while within a transaction.

A deferrable primary key is checked at the end of a statement or of the transaction. Until then
`UPDATE t SET id = id + 1` gives a row the key that another one still has, and the log says:
1 is gone, 2 is new, 2 is gone, 3 is new. The second 2 is the other row. Such a table has REPLICA
IDENTITY FULL (PostgreSQL refuses to update it without), so a deletion tells which row it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from streammesh.engine.log import Envelope

Row = tuple[Any, ...]
Key = tuple[Any, ...]


class Change(NamedTuple):
    """An event of a table with whole old rows.

    Attributes:
        tx: the index of its transaction.
        event: as the log has it.
        key: the row's key.
        row: the row after it; None for a deletion.
    """

    tx: int
    event: Envelope
    key: Key
    row: Row | None


def settled(
    changes: Sequence[Change],
    stored: Callable[[Key], Row | None],
    decode: Callable[[msgspec.Raw], Row],
) -> list[Row | None]:
    """Give the row that a key has after each event, also where two rows had it.

    Args:
        changes: in order.
        stored: the row that a key had before all of them.
        decode: gives an old row from its image.
    """
    rows = [one.row for one in changes]
    for key, here in _met_again(changes).items():
        held = _held([changes[index] for index in here], stored(key), decode)
        for index, row in zip(here, held, strict=True):
            rows[index] = row
    return rows


def _met_again(changes: Sequence[Change]) -> dict[Key, list[int]]:
    """Give the keys that were inserted and then deleted within one transaction, and their events.

    Returns:
        For each such key, the indexes of all changes with it.
    """
    inserted: set[tuple[int, Key]] = set()
    found: dict[Key, list[int]] = {}
    for one in changes:
        if one.event.op == "c":
            inserted.add((one.tx, one.key))
        elif one.event.op == "d" and (one.tx, one.key) in inserted:
            found[one.key] = []
    if found:
        for index, one in enumerate(changes):
            if one.key in found:
                found[one.key].append(index)
    return found


def _held(
    changes: Sequence[Change], first: Row | None, decode: Callable[[msgspec.Raw], Row]
) -> list[Row | None]:
    """Give the row that one key has after each of its events."""
    holders = [] if first is None else [first]
    gone: list[Row] = []
    held: list[Row | None] = []
    tx = -1
    for one in changes:
        if one.tx != tx:
            tx, holders, gone = one.tx, holders[-1:], []
        if one.event.op != "c":
            _leave(holders, gone, _old(one.event, decode))
        if one.row is not None:
            holders.append(one.row)
        held.append(holders[-1] if holders else None)
    return held


def _old(event: Envelope, decode: Callable[[msgspec.Raw], Row]) -> Row | None:
    return None if bytes(event.before) == b"null" else decode(event.before)


def _leave(holders: list[Row], gone: list[Row], old: Row | None) -> None:
    """Take the row away that an event is about."""
    if old in holders:
        holders.remove(old)
        gone.append(old)
    elif old not in gone:
        # an old row that is not whole: of a partition whose replica identity is another. One that
        # has gone already stays gone: a stretch of the log has come again
        holders.clear()
