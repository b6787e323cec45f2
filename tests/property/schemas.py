"""The grammar of databases: up to eight tables that refer to each other."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.property.kinds import BIG_TEXT, INTEGER, KEY_KINDS, KINDS, Kind
from tests.property.tables import SCHEMAS, Column, Database, Reference, Table, quoted

Draw = Any

ACTIONS = (
    "ON DELETE CASCADE ON UPDATE CASCADE",
    "ON DELETE CASCADE",
    "ON UPDATE CASCADE",
    "",
    "DEFERRABLE INITIALLY DEFERRED",
)
NULLING = (
    "ON DELETE SET NULL ON UPDATE CASCADE",
    "ON DELETE SET NULL",
    "ON DELETE SET NULL ON UPDATE SET NULL",
)


@st.composite
def databases(draw: Draw) -> Database:
    """Give tables; each may refer to itself and to those before it."""
    count = draw(st.sampled_from((2, 1, 3, 3, 3, 4, 4, 5, 6, 8)))
    tables: list[Table] = []
    for number in range(count):
        tables.append(_table(draw, number, tables))
    return Database(tuple(tables))


def _table(draw: Draw, number: int, before: list[Table]) -> Table:
    naming = draw(st.sampled_from(("t{}", "t{}", "t{}", "Tab {}")))
    columns, key, references = _key(draw, before)
    partitioned, deferrable = draw(_kinds)
    for index in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(KINDS))
        columns.append(Column(f"c{index}", kind, draw(st.booleans()) and not kind.required))
    for index in range(draw(st.sampled_from((0, 1, 1, 2)))):
        _refer(draw, index, number, deferrable, before, columns, key, references)
    unique = "" if partitioned else _unique(draw, columns, key)
    if draw(_rarely):
        columns.append(_computed(draw, columns))
    return Table(
        number,
        draw(st.sampled_from(SCHEMAS)),
        naming.format(number),
        tuple(columns),
        tuple(key),
        tuple(references),
        unique,
        partitioned,
        deferrable or draw(st.sampled_from((False, False, True))),
        draw(st.booleans()),
        deferrable,
    )


def _computed(draw: Draw, columns: list[Column]) -> Column:
    """Give a stored generated column; one of the kinds is large, and so not always sent."""
    name = quoted(draw(st.sampled_from(columns)).name)
    if draw(st.booleans()):
        return Column("g", INTEGER, False, f"CASE WHEN {name} IS NULL THEN 1 ELSE 7 END")
    return Column("g", BIG_TEXT, True, f"CASE WHEN {name} IS NOT NULL THEN repeat('y', 9000) END")


_rarely = st.sampled_from((False,) * 7 + (True,))
_kinds = st.sampled_from((*((False, False),) * 10, (True, False), (True, False), (False, True)))
"""Whether a table is partitioned, and whether its key is deferrable."""


def _key(draw: Draw, before: list[Table]) -> tuple[list[Column], list[str], list[Reference]]:
    """Give key columns: one, two, or those of the tables that a row links."""
    shape = draw(st.sampled_from(("one", "one", "one", "two", "link", "link")))
    if shape == "link" and before:
        return _link_key(draw, before)
    kinds: list[Kind] = [draw(_key_kinds)]
    if shape == "two":
        kinds.append(draw(_key_kinds))
    columns = [Column(f"k{index}", kind, False) for index, kind in enumerate(kinds)]
    return columns, [one.name for one in columns], []


_key_kinds = st.sampled_from((INTEGER, INTEGER, INTEGER, *KEY_KINDS))


def _link_key(draw: Draw, before: list[Table]) -> tuple[list[Column], list[str], list[Reference]]:
    targets = [draw(st.sampled_from(before))]
    if draw(st.booleans()):
        targets.append(draw(st.sampled_from(before)))
    columns: list[Column] = []
    references = []
    for index, target in enumerate(targets):
        mine = [Column(f"l{index}{n}", target.column(n).kind, False) for n in target.key]
        columns += mine
        actions = draw(st.sampled_from((*ACTIONS, None)))
        actions = None if target.deferrable else actions
        names = tuple(one.name for one in mine)
        references.append(Reference(names, target.number, target.key, actions))
    if len(targets) == 1:
        columns.append(Column("n", INTEGER, False))
    return columns, [one.name for one in columns], references


def _refer(
    draw: Draw,
    index: int,
    number: int,
    deferrable: bool,
    before: list[Table],
    columns: list[Column],
    key: list[str],
    references: list[Reference],
) -> None:
    """Add columns that refer to a table before, to its unique column, or to the table itself."""
    choice = draw(st.integers(0, len(before)))
    own = choice == len(before)
    target = number if own else before[choice].number
    by: dict[str, Kind] = {
        one.name: one.kind for one in (columns if own else before[choice].columns)
    }
    to = tuple(key) if own else before[choice].key
    if not own and before[choice].unique and draw(st.booleans()):
        to = (before[choice].unique,)
    nullable = own or draw(st.booleans())
    names = tuple(f"r{index}{name}" for name in to)
    columns.extend(Column(mine, by[its], nullable) for mine, its in zip(names, to, strict=True))
    actions = draw(st.sampled_from((*ACTIONS, None, *(NULLING if nullable else ()))))
    if (deferrable if own else before[choice].deferrable) and to == (
        tuple(key) if own else before[choice].key
    ):
        actions = None  # PostgreSQL lets no constraint refer to a deferrable key
    references.append(Reference(names, target, to, actions))


def _unique(draw: Draw, columns: list[Column], key: list[str]) -> str:
    fit = [
        one.name
        for one in columns
        if not one.nullable and one.kind.keys and one.name not in key and one.name.startswith("c")
    ]
    return draw(st.sampled_from(fit)) if fit and draw(_rarely) else ""
