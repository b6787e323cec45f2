"""What differs between the catalog's rows and those that a registration wants. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streammesh.catalog.texts import canonical

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """How the rows of one table have to change.

    Attributes:
        record: the table's name.
        key: the columns of its primary key.
        added: new rows.
        changed: rows before and after.
        removed: rows that go.
    """

    record: str
    key: tuple[str, ...]
    added: tuple[Row, ...]
    changed: tuple[tuple[Row, Row], ...]
    removed: tuple[Row, ...]

    def __len__(self) -> int:
        """Give how many rows change."""
        return len(self.added) + len(self.changed) + len(self.removed)


@dataclass(frozen=True)
class Change:
    """One change of one record.

    Attributes:
        record: the table's name.
        domain: whose it is.
        key: the values of its primary key, JSON.
        change: "added", "changed" or "removed".
        before: the record as it was, JSON; None for an added one.
    """

    record: str
    domain: str
    key: str
    change: str
    before: str | None


def difference(
    record: str, key: Sequence[str], held: Iterable[Row], wanted: Iterable[Row]
) -> Difference:
    """Compare rows by their keys.

    Args:
        record: the table's name.
        key: the columns of its primary key.
        held: rows of the catalog, of the registration's domains only.
        wanted: rows of the registration; of two with one key the last counts.
    """
    columns = tuple(key)
    before = {_key(row, columns): row for row in held}
    after = {_key(row, columns): row for row in wanted}
    return Difference(
        record,
        columns,
        added=tuple(row for at, row in after.items() if at not in before),
        changed=tuple(
            (before[at], row) for at, row in after.items() if at in before and before[at] != row
        ),
        removed=tuple(row for at, row in before.items() if at not in after),
    )


def changes(one: Difference) -> Iterator[Change]:
    """Give the history of a difference."""
    for row in one.removed:
        yield _change(one, row, "removed", canonical(dict(row)))
    for before, _ in one.changed:
        yield _change(one, before, "changed", canonical(dict(before)))
    for row in one.added:
        yield _change(one, row, "added", None)


def _change(one: Difference, row: Row, change: str, before: str | None) -> Change:
    return Change(one.record, row["domain"], canonical(_key(row, one.key)), change, before)


def _key(row: Row, columns: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in columns)
