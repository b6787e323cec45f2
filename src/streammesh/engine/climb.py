"""Which documents a run of transactions can touch: from changed rows up to the root's keys.

A transaction's keys are the roots that its rows reach: from the images that it found and left of
them, over every edge between tables that existed at any time in the run, in the state before it or
in any row image within it. A line that one transaction puts under A and the next moves to B touches
A in both. Reaching too many is harmless: an unchanged document is not published again, the run is
only cut sooner.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streammesh.documents.values import TableName
from streammesh.engine.rows import Key, Row, TableChanges
from streammesh.engine.state import State
from streammesh.models.compiled import Branch, CompiledModel, Hop, KeyColumn, Path
from streammesh.models.storage import quote, table_name
from streammesh.models.tables import Table

Hit = tuple[int, Key]
"""Index of a transaction in the run, and a key of a root that it may touch."""


@dataclass(frozen=True)
class Images:
    """How the images of a table's rows stand in a temporary table during a run.

    Attributes:
        table: the table.
        columns: its primary key first, then the columns of edges.
    """

    table: Table
    columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """The temporary table: `tx` and the columns."""
        return f"temp.{quote(f'images {self.table.name}')}"

    @property
    def touched(self) -> str:
        """The temporary table of changed keys: `tx` and the primary key."""
        return f"temp.{quote(f'touched {self.table.name}')}"

    @property
    def picker(self) -> Callable[[Row], Row]:
        """The function from a row to the values of the columns."""
        names = [column.name for column in self.table.columns]
        indexes = [names.index(name) for name in self.columns]
        getter = operator.itemgetter(*indexes)
        return getter if len(indexes) > 1 else lambda row: (getter(row),)


@dataclass(frozen=True)
class _Step:
    """One hop of a path, as SQL that is written once and run for every run.

    Attributes:
        table: the table arrived at.
        name: temporary table that receives `tx` and the columns needed next.
        from_state: fills it from the rows as they were before the run.
        from_images: fills it from the rows within the run.
    """

    table: TableName
    name: str
    from_state: str
    from_images: str


@dataclass(frozen=True)
class _Climb:
    """A path as steps, and the SELECT that gives `tx` and the roots' keys in the end.

    Attributes:
        table: the table that changed.
        steps: in order.
        select: the SELECT.
        width: columns of a key.
    """

    table: TableName
    steps: tuple[_Step, ...]
    select: str
    width: int


class Climber:
    """Climbs from the changed rows of a run to the roots of several models."""

    def __init__(self, state: State, models: Mapping[str, CompiledModel]) -> None:
        """Prepare the temporary tables.

        Args:
            state: where the rows before the run are.
            models: by product topic.
        """
        self._state = state
        self._images = {
            name: Images(state.tables[name], columns)
            for name, columns in _edge_columns(state.tables, models.values()).items()
        }
        self._pickers = {name: images.picker for name, images in self._images.items()}
        for images in self._images.values():
            _create(state, images.name, images.columns)
            _create(state, images.touched, images.table.primary_key)
        self._climbs = {
            topic: tuple(
                self._plan(f"{number}.{at}.{index}", branch, path)
                for at, branch in enumerate(model.branches)
                for index, path in enumerate(branch.paths)
            )
            for number, (topic, model) in enumerate(models.items())
        }

    def _plan(self, name: str, branch: Branch, path: Path) -> _Climb:
        root = self._state.tables[branch.root]
        key = tuple(part.column for part in branch.key if part.column)
        at, at_table = self._images[path.table].name, self._state.tables[path.table]
        steps: list[_Step] = []
        for index, hop in enumerate(path.hops):
            last = index == len(path.hops) - 1
            if (
                last
                and hop.to_columns == key
                and _same_types(at_table, hop.from_columns, root, key)
            ):
                # the columns are the root's key already: no need to look at the root's rows
                select = _select(at, branch.key, hop.from_columns)
                return _Climb(path.table, tuple(steps), select, len(branch.key))
            needed = key if last else path.hops[index + 1].from_columns
            step = self._step(f"temp.{quote(f'step {name}.{index}')}", at, hop, needed)
            _create(self._state, step.name, tuple(dict.fromkeys(needed)))
            steps.append(step)
            at, at_table = step.name, self._state.tables[hop.table]
        return _Climb(path.table, tuple(steps), _select(at, branch.key, key), len(branch.key))

    def _step(self, name: str, at: str, hop: Hop, needed: tuple[str, ...]) -> _Step:
        columns = _listed("s", needed)
        frontier = f"(SELECT DISTINCT tx, {_listed('', hop.from_columns)} FROM {at}) AS t"
        on = " AND ".join(
            f"s.{quote(to)} = t.{quote(source)}"
            for source, to in zip(hop.from_columns, hop.to_columns, strict=True)
        )

        def fill(source: str) -> str:
            # CROSS JOIN keeps the order: from the changed rows, by an index, to the others
            return (
                f"INSERT INTO {name} SELECT DISTINCT t.tx, {columns} FROM {frontier}"
                f" CROSS JOIN {source} AS s ON {on}"
            )

        return _Step(
            table=hop.table,
            name=name,
            from_state=fill(table_name(hop.table)),
            from_images=fill(self._images[hop.table].name),
        )

    def hits(
        self, changes: Sequence[TableChanges], truncated: Sequence[tuple[int, TableName]] = ()
    ) -> dict[str, list[Hit]]:
        """Give, for each product, the keys that each transaction may touch, in order.

        Args:
            changes: the run's changes, before they are applied to the state.
            truncated: transactions that removed all rows of a table.
        """
        moved = {one.table.name for one in changes} | {table for _, table in truncated}
        present = {name for name in moved if name in self._images}
        for one in changes:
            if one.table.name in present:
                self._stage(self._images[one.table.name], one)
        for tx, table in truncated:
            if table in present:
                self._stage_all(self._images[table], tx)
        try:
            return {topic: self._climb(climbs, present) for topic, climbs in self._climbs.items()}
        finally:
            for name in present:
                self._state.execute(f"DELETE FROM {self._images[name].name}")
                self._state.execute(f"DELETE FROM {self._images[name].touched}")

    def _stage(self, images: Images, changes: TableChanges) -> None:
        """Put the images that each transaction found and left of its rows side by side."""
        table = images.table
        pick = self._pickers[table.name]
        touched = {(tx, *key) for tx, key in zip(changes.txs, changes.keys, strict=True)}
        new = {
            (tx, *pick(row))
            for tx, row in zip(changes.txs, changes.rows, strict=True)
            if row is not None
        }
        if len(touched) != len(set(changes.keys)):
            # a row that several transactions changed: only the first finds what the state has
            touched, found = _in_turn(changes)
            new |= {(tx, *pick(row)) for tx, row in found}
        self._insert(images.touched, 1 + len(table.primary_key), touched)
        self._insert(images.name, 1 + len(images.columns), new)
        columns = _listed("s", images.columns)
        self._state.execute(
            f"INSERT INTO {images.name} SELECT t.tx, {columns} FROM {images.touched} AS t"
            f" CROSS JOIN {table_name(table.name)} AS s ON {_equal('s', 't', table.primary_key)}"
        )

    def _stage_all(self, images: Images, tx: int) -> None:
        columns = ", ".join(map(quote, images.columns))
        source = table_name(images.table.name)
        self._state.execute(f"INSERT INTO {images.name} SELECT ?, {columns} FROM {source}", (tx,))

    def _insert(self, table: str, width: int, rows: Any) -> None:
        self._state.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * width)})", rows)

    def _climb(self, climbs: Sequence[_Climb], present: set[TableName]) -> list[Hit]:
        wanted = [climb for climb in climbs if climb.table in present]
        for climb in wanted:
            for step in climb.steps:
                self._state.execute(step.from_state)
                if step.table in present:
                    self._state.execute(step.from_images)
        if not wanted:
            return []
        # ordered by the keys too: a transaction in parts has the same parts when it is done again
        order = ", ".join(str(1 + column) for column in range(1 + climbs[0].width))
        sql = " UNION ".join(climb.select for climb in wanted) + f" ORDER BY {order}"
        found = [(tx, tuple(key)) for tx, *key in self._state.rows(sql)]
        for climb in wanted:
            for step in climb.steps:
                self._state.execute(f"DELETE FROM {step.name}")
        return found


def _in_turn(changes: TableChanges) -> tuple[set[tuple[Any, ...]], list[tuple[int, Row]]]:
    """Give what each transaction finds of the rows that it changes.

    Returns:
        Each key with the first transaction that changes it; for the later ones, the transaction
        and the image that the one before it left.
    """
    first: set[tuple[Any, ...]] = set()
    found: list[tuple[int, Row]] = []
    latest: dict[Key, tuple[int, Row | None]] = {}
    for tx, key, row in zip(changes.txs, changes.keys, changes.rows, strict=True):
        if key in latest:
            before_tx, before = latest[key]
            if before_tx != tx and before is not None:
                found.append((tx, before))
        else:
            first.add((tx, *key))
        latest[key] = (tx, row)
    return first, found


def _create(state: State, name: str, columns: Sequence[str]) -> None:
    state.execute(f"DROP TABLE IF EXISTS {name}")
    state.execute(f"CREATE TABLE {name} (tx, {', '.join(map(quote, columns))})")


def _select(table: str, key: Sequence[KeyColumn], columns: Sequence[str]) -> str:
    """Give the keys that were reached; `columns` hold those parts that are no constants."""
    left = iter(columns)
    parts = [part.constant or quote(next(left)) for part in key]
    listed = ", ".join(f"{one} AS k{i}" for i, one in enumerate(parts))
    some = " AND ".join(f"{quote(c)} IS NOT NULL" for c in columns)
    return f"SELECT DISTINCT tx, {listed} FROM {table} WHERE {some}"


def _listed(alias: str, columns: Sequence[str]) -> str:
    dot = f"{alias}." if alias else ""
    return ", ".join(f"{dot}{quote(c)} AS {quote(c)}" for c in dict.fromkeys(columns))


def _equal(left: str, right: str, columns: Sequence[str]) -> str:
    return " AND ".join(f"{left}.{quote(c)} = {right}.{quote(c)}" for c in columns)


def _same_types(table: Table, columns: Sequence[str], root: Table, key: Sequence[str]) -> bool:
    pairs = zip(columns, key, strict=True)
    found = [(table.column(mine), root.column(its)) for mine, its in pairs]
    return all(a is not None and b is not None and a.type == b.type for a, b in found)


def _edge_columns(
    tables: Mapping[TableName, Table], models: Iterable[CompiledModel]
) -> dict[TableName, tuple[str, ...]]:
    """Give, for each table that a model reads, its primary key and the columns of its edges."""
    found: dict[TableName, dict[str, None]] = {}

    def add(table: TableName, columns: Sequence[str]) -> None:
        known = found.setdefault(table, dict.fromkeys(tables[table].primary_key))
        known.update(dict.fromkeys(columns))

    for model in models:
        for path in (path for one in model.branches for path in one.paths):
            add(path.table, ())
            at = path.table
            for hop in path.hops:
                add(at, hop.from_columns)
                add(hop.table, hop.to_columns)
                at = hop.table
    return {table: tuple(columns) for table, columns in found.items()}
