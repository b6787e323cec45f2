"""The grammar of models: documents over generated tables, lists nested up to three deep."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from hypothesis import strategies as st

from tests.property.derived import Alias, Shown, groups, reading, union
from tests.property.tables import Database, Reference, Table
from tests.property.united import first_in_from, united

DEPTH = 3
MOST_UNIONS = 6
"""More of two SELECTs each are refused: too many combinations."""


@dataclass
class Writer:
    """Writes one model; aliases are counted through it."""

    draw: Any
    database: Database
    aliases: int = 0
    fields: int = field(default=0)
    withs: list[str] = field(default_factory=list)
    unions: int = 0

    # --- names

    def alias(self, table: Table) -> Alias:
        self.aliases += 1
        return Alias(f"a{self.aliases}", table)

    def field_name(self) -> str:
        self.fields += 1
        return f"f{self.fields}"

    def from_table(self, alias: Alias) -> str:
        return reading(self, alias)

    # --- the SELECTs

    def model(self) -> str:
        """Write the whole model."""
        text = self.pick(
            (self.select,) * 5 + (partial(united, self), partial(first_in_from, self))
        )()
        named = ",\n     ".join(self.withs)
        return f"WITH {named}\n{text}" if named else text

    def select(self) -> str:
        """Write a model of one SELECT, without its WITH."""
        root = self.alias(self.pick(self.connected()))
        source = self.from_table(root)
        joined, joins = self.joins([root], [root], 2)
        keys = [f"{root.column(name)} AS k{i}" for i, name in enumerate(root.table.key)]
        given = [*self.objects(joined, joined, 0), *self.rare(joined)]
        shown = ",\n       ".join([*keys, *(f"{sql} AS {name}" for name, sql in given)])
        where = f"\n WHERE {self.condition(joined)}" if self.chance(3) else ""
        return f"SELECT {shown}\n  FROM {source}{joins}{where}"

    def connected(self) -> list[Table]:
        """Give all tables, those that refer or are referred to more often."""
        tables = self.database.tables
        used = [tables[ref.target] for one in tables for ref in one.references]
        return [*tables, *(one for one in tables if one.references), *used]

    def joins(
        self, own: list[Alias], visible: list[Alias], most: int, *, derived: bool = False
    ) -> tuple[list[Alias], str]:
        """Write joins that find at most one row each; `derived` in what may be LEFT JOINed."""
        own, text = list(own), ""
        for _ in range(self.draw(st.integers(0, most))):
            around = [*own, *(one for one in visible if one not in own)]
            if self.chance(6) and (grouped := groups(self, around)) is not None:
                own.append(grouped[0])
                text += grouped[1]
                continue
            found = [(one, ref) for one in around for ref in one.table.references]
            if not found:
                break
            base, reference = self.pick(found)
            target = self.alias(self.database.tables[reference.target])
            source = self.from_table(target)
            on = [f"{target.column(b)} = {base.column(a)}" for a, b in _pairs(reference)]
            kind = self.draw(st.sampled_from(("JOIN", "LEFT JOIN")))
            if self.chance(5):
                # no condition of a LEFT JOIN looks at what its table LEFT JOINs itself
                some = target if kind == "JOIN" and not derived else replace(target, computed=[])
                on.append(self.simple(self.columns([some])))
            text += f"\n  {kind} {source} ON {' AND '.join(on)}"
            own.append(target)
        return own, text

    def objects(self, own: list[Alias], visible: list[Alias], depth: int) -> list[tuple[str, str]]:
        """Write the fields of an object."""
        count = self.pick((1, 2, 3) if depth else (3, 4, 2, 1, 0))
        return [(self.field_name(), self.field(own, visible, depth)) for _ in range(count)]

    def field(self, own: list[Alias], visible: list[Alias], depth: int) -> str:
        children = self.children(visible)
        ways = ["column", "column", "expression"]
        if depth < DEPTH:
            ways.append("object")
            ways += ["list", "list", "aggregate"] if children else []
            ways.append("parent")
        way = self.pick(ways)
        if way == "list":
            return self.list_of(visible, depth)
        if way == "aggregate":
            return self.aggregate(visible)
        if way == "object":
            return _object(self.objects(own, visible, depth + 1))
        if way == "parent":
            return self.parent(visible) or self.expression(own)
        return self.column(own) if way == "column" else self.expression(own)

    def column(self, own: list[Alias]) -> str:
        return str(self.pick(self.columns(own)).sql)

    def children(self, visible: list[Alias]) -> list[tuple[Alias, Table, Reference]]:
        """Give the tables that refer to one of those visible."""
        return [
            (alias, table, reference)
            for alias in visible
            for table in self.database.tables
            for reference in table.references
            if reference.target == alias.table.number
        ]

    def child(self, visible: list[Alias], most: int) -> tuple[list[Alias], str]:
        """Write FROM and WHERE of a sub-select over the rows that refer to one visible."""
        parent, table, reference = self.pick(self.children(visible))
        others = [one for one in self.children([parent]) if self.chance(4)]
        if others and (united := self.united(parent, (table, reference), others[0][1:])):
            return united
        child = self.alias(table)
        source = self.from_table(child)
        joined, joins = self.joins([child], visible, most)
        where = [f"{child.column(a)} = {parent.column(b)}" for a, b in _pairs(reference)]
        if self.chance(4):
            where.append(self.condition(joined))
        elif self.chance(6):
            where.append(self.condition([*joined, *visible]))
        return joined, f"FROM {source}{joins} WHERE {' AND '.join(where)}"

    def united(
        self, parent: Alias, first: tuple[Table, Reference], second: tuple[Table, Reference]
    ) -> tuple[list[Alias], str] | None:
        """Write FROM and WHERE of a sub-select over the rows of two tables; None if it can't be."""
        if self.unions == MOST_UNIONS:
            return None
        found = union(self, parent, first, second)
        if found is None:
            return None
        self.unions += 1
        alias, source, where = found
        if self.chance(3):
            where += f" AND {self.simple(self.columns([alias]))}"
        return [alias], f"FROM {source} WHERE {where}"

    def list_of(self, visible: list[Alias], depth: int) -> str:
        own, rows = self.child(visible, 1)
        around = [*own, *visible]
        if self.chance(4):
            element = self.pick(self.columns(own)).sql
        else:
            element = _object([*self.objects(own, around, depth + 1), self.own_field(own)])
        order = ", ".join(self.order(own) for _ in range(self.draw(st.integers(1, 2))))
        if self.chance(6):
            return f"(SELECT {element} {rows} ORDER BY {order} LIMIT 1)"
        first = self.pick(("", "", "", "", "[1:2]"))
        text = f"(SELECT list({element} ORDER BY {order}){first} {rows})"
        return f"coalesce({text}, [])" if self.chance(3) else text

    def own_field(self, own: list[Alias]) -> tuple[str, str]:
        return self.field_name(), self.pick(self.columns(own[:1])).sql

    def order(self, own: list[Alias]) -> str:
        fit = [one for one in self.columns(own) if one.kind.family not in ("json", "list")]
        direction = self.pick(("", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"))
        by = self.pick(fit)
        return f"{by.sql if by.kind.ordered else f'CAST({by.sql} AS VARCHAR)'}{direction}"

    def aggregate(self, visible: list[Alias]) -> str:
        own, rows = self.child(visible, 1)
        columns = self.columns(_found_by(own))
        numbers = [one.sql for one in columns if one.kind.family in ("number", "huge")]
        ordered = ("number", "huge", "text", "large", "day", "clock", "local", "moment", "float")
        least = [one.sql for one in columns if one.kind.family in ordered]
        ways = ["count(*)", f"count({self.pick(columns).sql})"]
        ways += [f"sum({self.pick(numbers)})"] if numbers else []
        ways += [f"min({self.pick(least)})", f"max({self.pick(least)})"] if least else []
        plain = [one.sql for one in columns if one.kind.family not in ("json", "list", "large")]
        ways += [f"count(DISTINCT {self.pick(plain)})"] if plain else []
        only = f" FILTER (WHERE {self.simple(columns)})" if self.chance(4) else ""
        return f"(SELECT {self.pick(ways)}{only} {rows})"

    def parent(self, visible: list[Alias]) -> str | None:
        """Write a sub-select that finds one row by its key; None where nothing refers to one."""
        found = [(one, ref) for one in visible for ref in one.table.references]
        if not found:
            return None
        base, reference = self.pick(found)
        target = self.alias(self.database.tables[reference.target])
        source = self.from_table(target)
        own, joins = self.joins([target], visible, 1)
        where = " AND ".join(f"{target.column(b)} = {base.column(a)}" for a, b in _pairs(reference))
        shown = self.pick(self.columns(own)).sql
        return f"(SELECT {shown} FROM {source}{joins} WHERE {where})"

    # --- expressions

    def columns(self, aliases: list[Alias]) -> list[Shown]:
        return [
            shown
            for alias in aliases
            for shown in (
                *(Shown(alias.column(one.name), one.kind) for one in alias.table.columns),
                *alias.computed,
            )
        ]

    def expression(self, own: list[Alias]) -> str:
        columns = self.columns(own)
        one = self.pick(columns)
        like = self.pick([other for other in columns if other.kind == one.kind])
        ways = [f"({self.condition(own)})", f"CASE WHEN {self.condition(own)} THEN {one.sql} END"]
        ways.append(f"CASE WHEN {self.condition(own)} THEN {one.sql} ELSE {like.sql} END")
        if one.kind.family in ("number", "text"):
            ways.append(f"coalesce({one.sql}, {like.sql}, {self.constant(one)})")
        if one.kind.family in ("number", "huge", "day", "moment", "local", "uid", "flag"):
            ways.append(f"CAST({one.sql} AS VARCHAR)")
        if one.kind.family == "number":
            ways += [
                f"{one.sql} + 1",
                f"{one.sql} * 2 - 1",
                f"-{one.sql}",
                f"{one.sql} + {like.sql}",
            ]
        if one.kind.family == "text":
            ways += [f"{one.sql} || '-' || {like.sql}", f"length({one.sql})"]
            ways.append(f"nullif({one.sql}, 'a')")
        special = _special(one)
        return str(self.pick(special if special and self.chance(2) else ways))

    def rare(self, own: list[Alias]) -> list[tuple[str, str]]:
        """Write fields of columns that have functions of their own: few have."""
        if not self.chance(2):
            return []
        ways = [special for one in self.columns(own) if (special := _special(one))]
        return [(self.field_name(), self.pick(one)) for one in ways]

    def constant(self, shown: Shown) -> str:
        fit = [one for one in shown.kind.values if not one.startswith("repeat")]
        return str(self.pick(fit))

    def condition(self, aliases: list[Alias]) -> str:
        columns = self.columns(aliases)
        first = self.simple(columns)
        way = self.pick(("one", "one", "and", "or", "not", "exists"))
        if way == "exists" and self.children(aliases):
            _, rows = self.child(aliases, 1)
            return f"{self.pick(('', 'NOT '))}EXISTS (SELECT 1 {rows})"
        if way in ("and", "or"):
            return f"({first} {way.upper()} {self.simple(columns)})"
        return f"NOT ({first})" if way == "not" else first

    def simple(self, columns: list[Shown]) -> str:
        """Write a condition without AND and OR."""
        one = self.pick(columns)
        family = one.kind.family
        ways = ["IS NULL", "IS NOT NULL"]
        ways += ["same"] if one.kind.alike else []
        if one.kind.constant:
            ways += ["=", "<>", "IN", "IS DISTINCT FROM"]
        if one.kind.constant and family != "flag":
            ways += ["<", ">=", "BETWEEN"]
        way = self.pick(ways)
        if way in ("IS NULL", "IS NOT NULL"):
            return f"{one.sql} {way}"
        if way == "same":
            like = self.pick([other for other in columns if other.kind == one.kind])
            return f"{one.sql} = {like.sql}"
        if way == "IN":
            return f"{one.sql} IN ({self.constant(one)}, {self.constant(one)})"
        if way == "BETWEEN":
            return f"{one.sql} BETWEEN {self.constant(one)} AND {self.constant(one)}"
        return f"{one.sql} {way} {self.constant(one)}"

    # --- choices

    def pick(self, choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(0, one_in - 1)) == one_in - 1)


def _found_by(own: list[Alias]) -> list[Alias]:
    """Leave out groups that the outer query finds: no aggregate can gather their columns alone."""
    names = {one.name for one in own}
    return [one for one in own if not one.groups_of or one.groups_of in names]


def _special(one: Shown) -> list[str]:
    return [*_of_times(one), *_of_parts(one)]


def _of_times(one: Shown) -> list[str]:
    if one.kind.name not in ("day", "local", "moment"):
        return []
    shifted = [f"{one.sql} {by}" for by in ("+ INTERVAL 1 MONTH", "- INTERVAL 90 MINUTE")]
    formats = [f"strftime({one.sql}, '%Y-%m %H')", f"to_char({one.sql}, 'DD.MM.YYYY')"]
    between = [f"date_diff('week', {one.sql}, {one.sql})", f"epoch({one.sql})"]
    return [*shifted, *formats, *between]


def _of_parts(one: Shown) -> list[str]:
    if one.kind.name == "document":
        return [
            f"{one.sql} -> 'a'",
            f"{one.sql} ->> 'b'",
            f"{one.sql} -> 'a' ->> 1",
            f"jsonb_array_length({one.sql})",
        ]
    if one.kind.name == "words":
        return [f"'a' = ANY({one.sql})", f"array_to_string({one.sql}, '+')"]
    return [f"array_contains({one.sql}, 1)"] if one.kind.name == "wholes" else []


def _pairs(reference: Reference) -> list[tuple[str, str]]:
    return list(zip(reference.columns, reference.target_columns, strict=True))


def _object(fields: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{name}: {sql}" for name, sql in fields) + "}"


def reads(sql: str, table: Table) -> bool:
    """Tell whether a model reads a table."""
    return f"shop.{table.sql_name} " in sql


@st.composite
def models(draw: Any, database: Database) -> str:
    """Give a model over the tables."""
    return Writer(draw, database).model()
