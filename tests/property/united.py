"""The part of the grammar of models with UNION ALL between their SELECTs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.property.derived import Alias, Shown, pairs_of, placed
from tests.property.kinds import INTEGER
from tests.property.tables import Column, Table

if TYPE_CHECKING:
    from tests.property.models import Writer

UNION = "\nUNION ALL\n"
_MIXED = ("number", "huge", "text")
"""Families whose types UNION ALL brings to one."""


def first_in_from(writer: Writer) -> str:
    """Write a model of one SELECT that reads a UNION ALL of two tables whose keys are alike."""
    tables = _tables(writer)[:2]
    key = range(len(tables[0].key))
    pairs = pairs_of(*tables)
    columns = tuple(
        Column(f"u{at}", a.kind, a.nullable or b.nullable) for at, (a, b) in enumerate(pairs)
    )
    found = writer.alias(Table(-1, "", "", columns, ()))
    found.computed.append(Shown(f"{found.name}.part", INTEGER))
    apart = writer.chance(2)
    selects = []
    for side, table in enumerate(tables):
        inner = writer.alias(table)
        listed = [f"{side} AS part", *(f"{inner.column(table.key[at])} AS p{at}" for at in key)]
        listed += [f"{inner.column(pair[side].name)} AS u{at}" for at, pair in enumerate(pairs)]
        where = f" WHERE {writer.simple(writer.columns([inner]))}" if writer.chance(2) else ""
        selects.append(f"SELECT {', '.join(listed)} FROM {writer.from_table(inner)}{where}")
    source = placed(writer, UNION.join(selects), found.name)
    shown = [f"{found.name}.part AS k"] * apart + [f"{found.name}.p{at} AS k{at}" for at in key]
    shown += [
        f"{writer.pick((writer.expression, writer.column))([found])} AS {writer.field_name()}"
        for _ in range(writer.pick((2, 3, 1)))
    ]
    where = f"\n WHERE {writer.condition([found])}" if writer.chance(3) else ""
    return f"SELECT {', '.join(shown)}\n  FROM {source}{where}"


def _tables(writer: Writer) -> list[Table]:
    first = writer.pick(writer.connected())
    fit = [one for one in writer.connected() if _key(one) == _key(first)]
    return [first, *(writer.pick(fit) for _ in range(writer.pick((1, 1, 2))))]


def united(writer: Writer) -> str:
    """Write a model of two or three SELECTs over tables whose keys are alike.

    Their keys are told apart by a constant, or not at all: then a key may be given twice, and a
    row may move from one SELECT to another.
    """
    roots = _tables(writer)
    sides = [_Side(writer, writer.alias(one)) for one in roots]
    apart = writer.chance(2)
    names = ["k"] * apart + [f"k{at}" for at, _ in enumerate(roots[0].key)]
    columns = [[f"'{number}'"] * apart + side.key for number, side in enumerate(sides)]
    for _ in range(writer.pick((2, 3, 1, 4))):
        names.append(writer.field_name())
        for listed, sql in zip(columns, _field(writer, sides), strict=True):
            listed.append(sql)
    texts = []
    for listed, side in zip(columns, sides, strict=True):
        aliases = names if side is sides[0] else [writer.field_name() for _ in names]
        shown = [f"{sql} AS {name}" for sql, name in zip(listed, aliases, strict=True)]
        texts.append(f"SELECT {', '.join(shown)}\n  FROM {side.rows}")
    return UNION.join(texts)


class _Side:
    """One SELECT."""

    def __init__(self, writer: Writer, root: Alias) -> None:
        source = writer.from_table(root)
        self.own, joins = writer.joins([root], [root], 1)
        where = f"\n WHERE {writer.condition(self.own)}" if writer.chance(2) else ""
        self.rows = f"{source}{joins}{where}"
        self.key = [root.column(name) for name in root.table.key]


def _key(table: Table) -> list[str]:
    return [table.column(name).kind.name for name in table.key]


def _field(writer: Writer, sides: list[_Side]) -> list[str]:
    """Write a field for each SELECT."""
    way = writer.pick(("column", "column", "object", "list", "count"))
    gathering = [bool(writer.children(side.own)) for side in sides]
    if way == "count" and all(gathering):
        rows = [writer.child(side.own, 1)[1] for side in sides]
        return [f"(SELECT count(*) {one})" for one in rows]
    if way == "list" and any(gathering):
        return _lists(writer, sides)
    columns = [writer.columns(side.own) for side in sides]
    found = _alike(writer, columns, mixed=way != "object")
    return [_object(one) for one in found] if way == "object" else [one or "NULL" for one in found]


def _object(sql: str) -> str:
    return f"{{o: {sql}}}" if sql else "NULL"


def _alike(writer: Writer, every: list[list[Shown]], *, mixed: bool) -> list[str]:
    """Choose a column of each SELECT, all of one type; nothing where there is none."""
    first = writer.pick(next(columns for columns in every if columns))
    families = (first.kind.family,) if mixed and first.kind.family in _MIXED else ()
    found = []
    for columns in every:
        fit = [one for one in columns if one.kind == first.kind or one.kind.family in families]
        found.append(writer.pick(fit).sql if fit else "")
    return found


def _lists(writer: Writer, sides: list[_Side]) -> list[str]:
    """Write a list for each SELECT that has rows to gather; [] or NULL for the others."""
    gathered = [writer.child(side.own, 1) if writer.children(side.own) else None for side in sides]
    columns = [writer.columns(one[0]) if one else [] for one in gathered]
    found = []
    for one, element in zip(gathered, _alike(writer, columns, mixed=False), strict=True):
        if not one or not element:
            found.append(writer.pick(("[]", "NULL")))
            continue
        order = writer.order(one[0])
        found.append(f"(SELECT list({_object(element)} ORDER BY {order}) {one[1]})")
    return found
