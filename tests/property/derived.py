"""The part of the grammar of models that stands in FROM: WITH, groups, unions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.property.kinds import INTEGER, KINDS, Kind
from tests.property.tables import Column, Reference, Table, quoted

if TYPE_CHECKING:
    from tests.property.models import Writer

COUNT = next(one for one in KINDS if one.name == "big")
_UNITED = ("number", "huge", "text", "large", "flag", "day", "clock", "local", "moment", "uid")


@dataclass(frozen=True)
class Shown:
    """A column that can be written somewhere."""

    sql: str
    kind: Kind


@dataclass(frozen=True)
class Alias:
    """A table at one place of a model.

    Attributes:
        name: what it is called there.
        table: the table.
        computed: columns that it has there beside those of the table.
        groups_of: of groups, the name of what they are joined to.
    """

    name: str
    table: Table
    computed: list[Shown] = field(default_factory=list, compare=False)
    groups_of: str = ""

    def column(self, name: str) -> str:
        """Write one of its columns."""
        return f"{self.name}.{quoted(name)}"


def reading(writer: Writer, alias: Alias) -> str:
    """Write a table in FROM: itself, a SELECT in brackets, or one that WITH names."""
    if not writer.chance(5):
        return f"shop.{alias.table.sql_name} {alias.name}"
    inner = writer.alias(alias.table)
    own, joins = writer.joins([inner], [inner], 1, derived=True)
    listed = [f"{inner.name}.*"]
    for one in own:
        if one is not inner:
            shown = writer.pick(writer.columns([one]))
            listed.append(_computed(alias, shown.sql, shown.kind))
    plain = [one for one in writer.columns([inner]) if one.kind.family in ("number", "text")]
    if plain and writer.chance(2):
        shown = writer.pick(plain)
        sql = f"coalesce({shown.sql}, {writer.constant(shown)})"
        listed.append(_computed(alias, sql, shown.kind))
    where = f" WHERE {writer.simple(writer.columns([inner]))}" if writer.chance(2) else ""
    text = f"SELECT {', '.join(listed)} FROM shop.{inner.table.sql_name} {inner.name}{joins}{where}"
    return placed(writer, text, alias.name)


def _computed(alias: Alias, sql: str, kind: Kind) -> str:
    name = f"e{len(alias.computed)}"
    alias.computed.append(Shown(f"{alias.name}.{name}", kind))
    return f"{sql} AS {name}"


def placed(writer: Writer, text: str, name: str) -> str:
    """Put a SELECT into FROM, in brackets or by WITH."""
    if writer.chance(2):
        return f"({text}) {name}"
    writer.withs.append(f"w{len(writer.withs)} AS ({text})")
    return f"w{len(writer.withs) - 1} {name}"


def groups(writer: Writer, around: list[Alias]) -> tuple[Alias, str] | None:
    """Write a join with the groups of rows that refer to one of those around."""
    children = writer.children(around)
    if not children:
        return None
    parent, table, reference = writer.pick(children)
    found = replace(writer.alias(_nothing()), groups_of=parent.name)
    inner = writer.alias(table)
    columns = writer.columns([inner])
    keys = [inner.column(name) for name in reference.columns]
    listed = [f"{key} AS g{at}" for at, key in enumerate(keys)]
    numbers = [one for one in columns if one.kind.family == "number"]
    gathered = [("count(*)", COUNT), (f"count({writer.pick(columns).sql})", COUNT)]
    gathered += [(f"min({one.sql})", one.kind) for one in numbers]
    gathered += [(f"coalesce(sum({one.sql}), 0)", one.kind) for one in numbers]
    for _ in range(2):
        listed.append(_computed(found, *writer.pick(gathered)))
    where = f" WHERE {writer.simple(columns)}" if writer.chance(3) else ""
    having = " HAVING count(*) < 3" if writer.chance(3) else ""
    text = (
        f"SELECT {', '.join(listed)} FROM shop.{table.sql_name} {inner.name}{where}"
        f" GROUP BY {', '.join(keys)}{having}"
    )
    target = placed(writer, text, found.name)
    pairs = enumerate(reference.target_columns)
    on = [f"{found.name}.g{at} = {parent.column(name)}" for at, name in pairs]
    counts = [one for one in found.computed if one.kind is COUNT]
    if counts and writer.chance(4):
        on.append(writer.simple(counts))
    kind = writer.pick(("JOIN", "LEFT JOIN", "LEFT JOIN"))
    return found, f"\n  {kind} {target} ON {' AND '.join(on)}"


def _nothing(columns: tuple[Column, ...] = ()) -> Table:
    return Table(-1, "", "", columns, ())


def union(
    writer: Writer, parent: Alias, first: tuple[Table, Reference], second: tuple[Table, Reference]
) -> tuple[Alias, str, str] | None:
    """Write a UNION ALL of the rows of two tables that refer to one row.

    Returns:
        What can be read of it, FROM, and the condition; None when the two have no one shape.
    """
    (one, refers), (other, too) = first, second
    if refers.target_columns != too.target_columns or _printed(one, refers) or _printed(other, too):
        return None
    pairs = pairs_of(one, other)
    if not pairs:
        return None
    columns = tuple(
        Column(f"u{at}", a.kind, a.nullable or b.nullable) for at, (a, b) in enumerate(pairs)
    )
    found = writer.alias(_nothing(columns))
    selects = []
    for table, reference, side in ((one, refers, 0), (other, too, 1)):
        inner = writer.alias(table)
        listed = [f"{side} AS part"]
        listed += [f"{inner.column(pair[side].name)} AS u{at}" for at, pair in enumerate(pairs)]
        listed += [f"{inner.column(name)} AS p{at}" for at, name in enumerate(reference.columns)]
        where = f" WHERE {writer.simple(writer.columns([inner]))}" if writer.chance(3) else ""
        rows = f"FROM shop.{table.sql_name} {inner.name}{where}"
        selects.append(f"SELECT {', '.join(listed)} {rows}")
    found.computed.append(Shown(f"{found.name}.part", INTEGER))
    source = placed(writer, " UNION ALL ".join(selects), found.name)
    keys = enumerate(refers.target_columns)
    on = [f"{found.name}.p{at} = {parent.column(name)}" for at, name in keys]
    return found, source, " AND ".join(on)


def _printed(table: Table, reference: Reference) -> bool:
    """Tell whether a reference has a column that can't be read from a UNION ALL."""
    return any(
        column.kind.family in {"printed", "unlike"}
        for column in table.columns
        if column.name in reference.columns
    )


def pairs_of(one: Table, other: Table) -> list[tuple[Column, Column]]:
    """Give columns of two tables that a UNION ALL can put together."""
    free = list(other.columns)
    found = []
    for column in one.columns:
        match = next((each for each in free if each.kind == column.kind), None)
        if match is not None and column.kind.family in _UNITED:
            free.remove(match)
            found.append((column, match))
    return found


FORMS = {
    "WITH": "WITH w",
    "in FROM": "(SELECT a",
    "groups": "GROUP BY",
    "unions": " UNION ALL ",
    "UNION ALL of SELECTs": "\nUNION ALL\n",
    "JSON parts": "->",
    "intervals": "INTERVAL",
    "time between": "date_diff",
    "formats": "strftime",
    "in lists": "ANY(",
}
"""What new forms a model has, by a text that is in each."""
