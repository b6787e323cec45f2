"""Why well-known functions and operators are not among what a model can say."""

from __future__ import annotations

import re

from sqlglot import exp

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Type
from streammesh.errors import MeshError
from streammesh.errors.models import (
    NoMeaning,
    NonDeterministic,
    NotATable,
    StarSelected,
    UnsupportedClause,
    WrongTypes,
)
from streammesh.models.catalog import nearest
from streammesh.models.meanings import AGGREGATES, OPERATORS, ORDERED
from streammesh.models.nodes import Epoch, EqualsAny, SecondsBetween, Shifted
from streammesh.models.positions import ModelText

_CHANGING = frozenset(
    {
        "rand",
        "random",
        "now",
        "uuid",
        "gen_random_uuid",
        "uuidv4",
        "uuidv7",
        "current_date",
        "current_time",
        "today",
        "current_timestamp",
        "current_timestamp_ltz",
        "get_current_timestamp",
        "localtime",
        "localtimestamp",
        "current_user",
        "session_user",
        "current_schema",
        "current_database",
        "nextval",
        "currval",
        "txid_current",
        "clock_timestamp",
        "statement_timestamp",
        "transaction_timestamp",
        "setseed",
        "version",
    }
)
_LOCALE = "Its result depends on the database's locale."
_FLOAT = "Its result is not exact: engine and database could differ in the last digit."
_MIDDLE = "Every new row would change it in a way that only all rows together tell."
_ANY = "Which row it takes is not certain."
_FORMAT = "Formats differ among databases."
_REGEX = "Regular expressions differ among databases."
_OBJECT = "write {name: expression, …}"
_LATEST = "write (SELECT x FROM … WHERE … ORDER BY y DESC LIMIT 1)"
_LIKE = "write LIKE, starts_with(a, b), contains(a, b) or split_part(a, s, n)"
_ROWS = "write a sub-select: (SELECT list(… ORDER BY …) FROM … WHERE …)"
_WHY: dict[str, tuple[str | None, str | None]] = {
    "initcap": (_LOCALE, "keep it in a column of the database"),
    "translate": ("", "write replace(a, b, c)"),
    "~": (_REGEX, _LIKE),
    "similar to": (_REGEX, _LIKE),
    "regexp_matches": (_REGEX, _LIKE),
    "regexp_replace": (_REGEX, "write replace(a, b, c)"),
    "regexp_extract": (_REGEX, "write substring(a, n, m) or split_part(a, s, n)"),
    "glob": ("", _LIKE),
    "sqrt": (_FLOAT, None),
    "power": (_FLOAT, "write a * a"),
    "^": (_FLOAT, "write a * a"),
    "exp": (_FLOAT, None),
    "ln": (_FLOAT, None),
    "log": (_FLOAT, None),
    "stddev": (_FLOAT, None),
    "stddev_samp": (_FLOAT, None),
    "variance": (_FLOAT, None),
    "median": (_MIDDLE, None),
    "quantile": (_MIDDLE, None),
    "percentile_cont": (_MIDDLE, None),
    "mode": (_ANY, None),
    "any_value": (_ANY, "write min(a), or " + _LATEST.removeprefix("write ")),
    "first": (_ANY, _LATEST),
    "last": (_ANY, _LATEST),
    "arg_max": (_ANY, _LATEST),
    "arg_min": (_ANY, _LATEST.replace(" DESC", "")),
    "max_by": (_ANY, _LATEST),
    "min_by": (_ANY, _LATEST.replace(" DESC", "")),
    "row": ("Its fields would have no names.", _OBJECT),
    "row_to_json": ("It would publish whatever columns the table gets.", _OBJECT),
    "to_json": ("It would publish whatever columns the table gets.", _OBJECT),
    "to_jsonb": ("It would publish whatever columns the table gets.", _OBJECT),
    "json_build_object": ("", "write {name: expression, …}: names are constants"),
    "jsonb_build_object": ("", "write {name: expression, …}: names are constants"),
    "json_object": ("", "write {name: expression, …}: names are constants"),
    "json_object_agg": ("Its names would not be in the contract.", _ROWS),
    "jsonb_object_agg": ("Its names would not be in the contract.", _ROWS),
    "map": ("Its names would not be in the contract.", _OBJECT),
    "format": (_FORMAT, "write a || b"),
    "age": (
        "Months and days have no one length.",
        "write a - b for days between dates, or date_diff('month', a, b)",
    ),
    "INTERVAL": (
        "It is no value of its own.",
        "add a constant one to a date or timestamp: a + INTERVAL 1 DAY; or keep it in a column",
    ),
    "AT TIME ZONE": ("Rules of time zones change.", "write CAST(a AS TIMESTAMP) for UTC"),
    "[…]": ("", "a list of rows: " + _ROWS.removeprefix("write ")),
    "unnest": ("It would make several rows of one.", _ROWS),
    "[ ]": ("", "the first: (SELECT list(… ORDER BY …)[1] …); the first n: list(…)[1:n]"),
    "DISTINCT": ("", "write list(DISTINCT x ORDER BY x) or count(DISTINCT x)"),
    "a list of values": ("", "compare one by one: a = c AND b = d"),
    "ANY": ("", "write a IN (SELECT b …) or EXISTS (SELECT …)"),
    "ALL": ("", "write NOT EXISTS (SELECT …)"),
    "FILTER": ("It belongs to an aggregate.", None),
    "->": ("", "write a -> 'name' or a -> 0, its name a constant; a path is a -> 'x' -> 'y'"),
    "->>": ("", "write a ->> 'name' or a ->> 0, its name a constant; a path is a -> 'x' ->> 'y'"),
    "md5": ("", "keep it in a column of the database"),
    "array_size": ("", "write cardinality(a)"),
    "COLLATE": ("Order and equality are by code points.", 'leave it out, or write COLLATE "C"'),
}
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.Like: "LIKE",
    exp.ILike: "ILIKE",
    exp.Array: "[…]",
    exp.Exists: "EXISTS",
    exp.Distinct: "DISTINCT",
    exp.Filter: "FILTER",
    exp.JSONExtract: "->",
    exp.JSONExtractScalar: "->>",
    exp.JSONBExtract: "->",
    exp.JSONBExtractScalar: "->>",
    exp.Bracket: "[ ]",
    exp.Lambda: "->",
    exp.Select: "a SELECT without brackets",
    exp.RegexpLike: "~",
    exp.SimilarTo: "similar to",
    exp.Interval: "INTERVAL",
    exp.AtTimeZone: "AT TIME ZONE",
    exp.Pow: "^",
    exp.Tuple: "a list of values",
    exp.Any: "ANY",
    exp.All: "ALL",
    exp.Collate: "COLLATE",
    exp.Placeholder: "a parameter",
    exp.Parameter: "a parameter",
    exp.Explode: "unnest",
    exp.TimeToStr: "strftime",
    exp.DateDiff: "date_diff",
    EqualsAny: "ANY",
    Epoch: "extract",
    SecondsBetween: "extract",
    Shifted: "INTERVAL",
}


_CALLED = re.compile(r"([A-Za-z_]\w*)\s*\(")
"""A function's name as it was written; sqlglot's own may be another."""


def refusal(text: ModelText, node: exp.Expr) -> MeshError:
    """Give the error for a part of a model that has no meaning."""
    where = text.location(node)
    if isinstance(node, exp.Star):
        return StarSelected(where=where)
    if isinstance(node, exp.Window):
        return UnsupportedClause(
            clause="a window function",
            where=where,
            why="It looks at rows of other documents.",
            fix="write a sub-select: (SELECT count(*) FROM … WHERE …), or … ORDER BY … LIMIT 1",
        )
    name = name_of(text, node)
    canonical = str(node.sql_name()).lower() if isinstance(node, exp.Func) else name.lower()
    if {name.lower(), canonical} & _CHANGING:
        return NonDeterministic(name=name, where=where)
    known = next((_WHY[one] for one in (name, name.lower(), canonical) if one in _WHY), None)
    why, fix = known or (None, None)
    if name.lower() in ("to_json", "to_jsonb") and (column := _column(node)) is not None:
        why, fix = "", f"write {text.source(column)} alone: a document takes it as it is"
    if fix is None and isinstance(node, exp.Func):
        near = nearest(name, function_names(), cutoff=0.75)
        if near and near != name.lower():
            fix = f"write {near}(…)"
    return NoMeaning(name=name, where=where, why=why, fix=fix)


def _column(node: exp.Expr) -> exp.Column | None:
    """Give a function's only argument when it is `table.column`; a name alone may be a row."""
    given = node.expressions or [node.this]
    one = given[0]
    return one if len(given) == 1 and isinstance(one, exp.Column) and one.table else None


def no_table(text: ModelText, node: exp.Expr) -> NotATable:
    """Give the error for what stands in FROM and is no table."""
    said, where = " ".join(text.source(node).split())[:60], text.location(node)
    if isinstance(node, exp.Subquery | exp.Lateral):
        why = "A change of a row must lead from table to table to the root."
        fix = "join the tables themselves; what gathers rows is a sub-select among the fields"
        said = "(SELECT …)" if isinstance(node, exp.Subquery) else "LATERAL …"
        return NotATable(said=said, where=where, why=why, fix=fix)
    fix = "join tables; what gathers rows stands in a sub-select among the fields"
    return NotATable(said=said, where=where, fix=fix)


def unfit_cast(
    text: ModelText, node: exp.Cast, given: Type | None, target: Type, fix: str
) -> WrongTypes:
    """Give the error for a cast that has no meaning."""
    types = spell(given) if given is not None else "NULL"
    word = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    name = f"{word}(… AS {spell(target)})"
    return WrongTypes(name=name, types=types, where=text.location(node), fix=fix)


def function_names() -> list[str]:
    """Give the names of the functions on the list of meanings."""
    every = (one.written for one in (*OPERATORS.values(), *AGGREGATES.values(), *ORDERED.values()))
    names = {name for written in every for name in re.findall(r"([a-z_]+)\(", written)}
    return sorted({*names, "list", "substr", "len"})


def name_of(text: ModelText, node: exp.Expr) -> str:
    """Give the name by which a person knows an operator or function."""
    if type(node) in _OPERATORS:
        return _OPERATORS[type(node)]
    if isinstance(node, exp.Anonymous):
        return str(node.name)
    if isinstance(node, exp.Func):
        written = _CALLED.match(text.source(node))
        return written[1] if written else str(node.sql_name()).lower()
    return " ".join(text.source(node).split())[:60]
