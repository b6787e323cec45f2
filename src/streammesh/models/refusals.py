"""Why well-known functions and operators are not among what a model can say."""

from __future__ import annotations

from sqlglot import exp

from streammesh.errors import MeshError
from streammesh.errors.models import NoMeaning, NonDeterministic, StarSelected, UnsupportedClause
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
_DIVISION = "7 / 2 is 3.5 in one database and 3 in another, and 1 / 3 has no exact decimals."
_WHY = {
    "upper": _LOCALE,
    "lower": _LOCALE,
    "initcap": _LOCALE,
    "/": _DIVISION,
    "//": _DIVISION,
    "%": "Its sign differs among databases.",
    "round": "It comes with division, in a later version.",
    "avg": "It needs division, which comes in a later version.",
    "LIKE": "Its case and escapes differ among databases.",
}
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.Div: "/",
    exp.IntDiv: "//",
    exp.Mod: "%",
    exp.Like: "LIKE",
    exp.ILike: "ILIKE",
    exp.Array: "[…]",
    exp.Exists: "EXISTS",
    exp.Distinct: "DISTINCT",
    exp.Filter: "FILTER",
    exp.JSONExtract: "->",
    exp.JSONExtractScalar: "->>",
    exp.Bracket: "[ ]",
    exp.Lambda: "->",
    exp.Select: "a SELECT without brackets",
}


def refusal(text: ModelText, node: exp.Expr) -> MeshError:
    """Give the error for a part of a model that has no meaning."""
    where = text.location(node)
    if isinstance(node, exp.Star):
        return StarSelected(where=where)
    if isinstance(node, exp.Window):
        why = "It looks at rows of other documents."
        return UnsupportedClause(clause="a window function", where=where, why=why)
    name = name_of(text, node)
    if name.lower() in _CHANGING:
        return NonDeterministic(name=name, where=where)
    return NoMeaning(name=name, where=where, why=_WHY.get(name))


def name_of(text: ModelText, node: exp.Expr) -> str:
    """Give the name by which a person knows an operator or function."""
    if type(node) in _OPERATORS:
        return _OPERATORS[type(node)]
    if isinstance(node, exp.Anonymous):
        return str(node.name)
    if isinstance(node, exp.Func):
        return str(node.sql_name()).lower()
    return " ".join(text.source(node).split())[:60]
