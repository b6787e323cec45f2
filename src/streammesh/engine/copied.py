"""From blocks of COPY's text to rows of the state: a block at a time, not a value at a time.

A block is split into rows, and SQLite makes NULLs and numbers of the texts as it takes them in;
Python looks at single values only of the types that need it, and of blocks with escapes, NaN, or
infinite or very old days in them. Either way gives what `incoming` makes of the same value in the
log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Integer,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.engine.state import NEXT, State
from streammesh.errors.engine import ValueNotUnderstood
from streammesh.models.incoming import UNTOLD_LIST, normaliser
from streammesh.models.postgres_types import is_padded, printed_type
from streammesh.models.storage import FAST_DIGITS, quote
from streammesh.models.tables import Column, Table

NULL = r"\N"
_RARE = (b"NaN", b"infinity", b" BC")
"""In a block with one of these, values of any type may be written in a way that is seldom seen."""

_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

_PAIR = re.compile(r'("(?:[^"\\]|\\.)*")=>(NULL|"(?:[^"\\]|\\.)*")', re.DOTALL)

Convert = Callable[[str], Any]


class BlockLoader:
    """Loads the blocks of one table."""

    def __init__(self, source: str, table: Table, columns: Sequence[str]) -> None:
        """Prepare for a table as it is deployed.

        Args:
            source: the source's name, for errors.
            table: as deployed, in the form of the copied rows.
            columns: of the copied rows, in order.
        """
        self._source, self._table = source, table
        self._columns = [_known(table, name) for name in columns]
        indexed = list(enumerate(self._columns))
        self._quick = [
            (i, convert) for i, one in indexed if (convert := _quick(one, table)) is not None
        ]
        self._each = [_each(one, table) for one in self._columns]
        target = quote(f"{NEXT}{table.name}")
        names = ", ".join(quote(one.name) for one in self._columns)
        taken = ", ".join(_taken(one, f"?{i + 1}") for i, one in indexed)
        plain = ", ".join(f"?{i + 1}" for i, _ in indexed)
        insert = f"INSERT INTO {target} ({names}) SELECT"
        self._bulk_sql, self._plain_sql = f"{insert} {taken}", f"{insert} {plain}"

    def load(self, state: State, block: bytes) -> int:
        """Put the rows of a block into the table that is being filled.

        Args:
            state: within a transaction.
            block: lines of COPY's text form, each ended.

        Returns:
            How many rows it had.

        Raises:
            ValueNotUnderstood: a value is none that its column's type has.
        """
        rows = [line.split("\t") for line in block[:-1].decode().split("\n")]
        if _is_plain(block):
            for index, convert in self._quick:
                self._convert(rows, index, convert)
            state.executemany(self._bulk_sql, rows)
        else:
            for index, convert in enumerate(self._each):
                self._convert(rows, index, convert)
            state.executemany(self._plain_sql, rows)
        return len(rows)

    def _convert(self, rows: list[list[Any]], index: int, convert: Convert) -> None:
        try:
            for row in rows:
                row[index] = convert(row[index])
        except (ValueError, TypeError, AttributeError, ArithmeticError, IndexError) as error:
            raise ValueNotUnderstood(
                source=self._source,
                table=self._table.name,
                column=self._columns[index].name,
                value=error,
                fix="correct the value in the source database, or exclude the column",
            ) from error


def _known(table: Table, name: str) -> Column:
    found = table.column(name)
    return Column(name, "", None, True) if found is None else found


def _is_plain(block: bytes) -> bool:
    """Tell whether every backslash stands for NULL, and no value is one that is seldom seen."""
    if block.count(b"\\") != block.count(b"\\N"):
        return False
    return not any(rare in block for rare in _RARE)


def unescaped(text: str) -> str:
    """Give a value without COPY's escapes."""
    first, *rest = text.split("\\")
    parts = [first]
    literal = False
    for part in rest:
        if literal:
            parts.append(part)
            literal = False
        elif not part:
            # two backslashes stand for one: what follows the second is as it is
            parts.append("\\")
            literal = True
        else:
            parts.append(_ESCAPES.get(part[0], part[0]) + part[1:])
    return "".join(parts)


# --- in bulk: SQL around a value, and Python for types that need it


def _taken(column: Column, mark: str) -> str:
    """Give SQL that takes a value in."""
    value = f"NULLIF({mark}, '{NULL}')" if column.nullable else mark
    match column.type:
        case Boolean():
            return f"{value} = 't'"
        case Decimal(precision, scale) if precision <= FAST_DIGITS and scale:
            return f"replace({value}, '.', '')"
        case _:
            return value


def _quick(column: Column, table: Table) -> Convert | None:
    """Give what makes the state form of a value that has nothing rare in it; NULL stays a mark."""
    kind = column.type
    match kind:
        case Integer() | Boolean() | Uuid():
            return None
        case Text():
            return (lambda value: value.rstrip(" ")) if is_padded(column.stored_type) else None
        case Decimal():
            return None
        case Date():
            return _kept_null(_quick_day(_whole(column, table)))
        case Timestamp(zone):
            return _kept_null(_quick_moment(_whole(column, table), zone=zone))
        case _:
            return _kept_null(_whole(column, table))


def _kept_null(convert: Convert) -> Convert:
    return lambda value: value if value == NULL else convert(value)


def _quick_day(otherwise: Convert) -> Convert:
    return lambda value: value if len(value) == 10 else otherwise(value)


def _quick_moment(otherwise: Convert, *, zone: bool) -> Convert:
    """Give the function for `2026-01-31 10:00:00.5`, with `+00` behind it when it is an instant."""
    behind, end = ("+00", "Z") if zone else ("", "")
    full, bare = 26 + len(behind), 19 + len(behind)

    def moment(value: str) -> str:
        size = len(value)
        if value[4] == "-" and value.endswith(behind):
            if size == full:
                return f"{value[:10]}T{value[11:26]}{end}"
            if size == bare:
                return f"{value[:10]}T{value[11:19]}.000000{end}"
            if bare < size < full:
                return f"{value[:10]}T{value[11 : size - len(behind)]:0<15}{end}"
        return str(otherwise(value))

    return moment


# --- one by one


def _each(column: Column, table: Table) -> Convert:
    """Give what makes the state form of any value, NULL and escapes included."""
    convert = _whole(column, table)

    def one(value: str) -> Any:
        if value == NULL:
            return None
        return convert(unescaped(value) if "\\" in value else value)

    return one


def _whole(column: Column, table: Table) -> Convert:
    """Give the function from a value's text to its state form."""
    if column.type is None:
        # no model reads it; where it is part of the key, rows are told apart by it
        return json.dumps if column.name in table.primary_key else (lambda _: None)
    if printed_type(column.stored_type) and isinstance(column.type, Text):
        return str
    if isinstance(column.type, Array) and isinstance(column.type.items, Date | Timestamp):
        return _listed_days(column.type.items)
    logged = _hstore if column.stored_type == "hstore" else as_logged(column.type)
    normalise = normaliser(column.type, column.stored_type)
    if normalise is None:
        return logged
    return lambda value: normalise(logged(value))


def _listed_days(items: Date | Timestamp) -> Convert:
    """Give the function for a list of days or timestamps, which the log has by another calendar."""
    logged, normalise = as_logged(items), normaliser(items)
    assert normalise is not None  # noqa: S101 - days and timestamps have one

    def listed(value: str) -> str:
        found = _list(value, lambda one: normalise(logged(one)))
        if found and all(one is None for one in found):
            return UNTOLD_LIST
        return json.dumps(found, separators=(",", ":"))

    return listed


def as_logged(kind: Type | None) -> Convert:  # noqa: PLR0911 - one line per type
    """Give the function from a value as PostgreSQL prints it to what the log's JSON has for it."""
    match kind:
        case Integer():
            return int
        case Boolean():
            return lambda value: value == "t"
        case Bytes():
            return lambda value: value.removeprefix("\\x")
        case Date():
            return _day
        case Timestamp():
            return _moment
        case Time():
            return lambda value: "00:00:00" if value.startswith("24") else value
        case Array(items):
            return lambda value: _list(value, as_logged(items))
        case _:
            return str


def _day(value: str) -> str:
    day, space, _ = value.partition(" ")
    if not space:
        return value
    # a year before 1, by the count of astronomers
    year, _, rest = day.partition("-")
    return f"-{int(year) - 1:04}-{rest}"


def _moment(value: str) -> str:
    if value.endswith("infinity"):
        return value
    moment, before, _ = value.partition(" BC")
    day, _, clock = moment.partition(" ")
    return f"{_day(day + before)}T{clock.removesuffix('+00')}Z"


def _hstore(value: str) -> str:
    pairs = _PAIR.findall(value)
    return json.dumps({_bare(key): None if text == "NULL" else _bare(text) for key, text in pairs})


def _bare(quoted: str) -> str:
    return _quoted(quoted, 1)[0]


def _list(value: str, element: Convert) -> list[Any]:
    """Read `{a,"b c",NULL}`; one of several dimensions becomes a list of NULLs, as in the log."""
    # bounds other than the usual ones stand before: [0:1]={a,b}
    body = value[value.index("{") + 1 : -1]
    if not body:
        return []
    if body[0] == "{":
        return [None]
    if '"' not in body:
        return [None if one == "NULL" else element(one) for one in body.split(",")]
    return [None if one is None else element(one) for one in _elements(body)]


def _elements(body: str) -> list[str | None]:
    found: list[str | None] = []
    at, size = 0, len(body)
    while at <= size:
        if at < size and body[at] == '"':
            text, at = _quoted(body, at + 1)
            found.append(text)
        else:
            end = body.find(",", at)
            end = size if end < 0 else end
            bare = body[at:end]
            found.append(None if bare == "NULL" else bare)
            at = end
        at += 1
    return found


def _quoted(body: str, at: int) -> tuple[str, int]:
    """Read from behind a quote on; give the text and the place behind its end."""
    parts: list[str] = []
    while (here := body[at]) != '"':
        if here == "\\":
            at += 1
            here = body[at]
        parts.append(here)
        at += 1
    return "".join(parts), at + 1
