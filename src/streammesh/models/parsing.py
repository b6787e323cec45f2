"""From a model's text to sqlglot's tree: one SELECT, without what no model can have."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from streammesh.documents.values import ModelFile
from streammesh.errors import Location
from streammesh.errors.models import ModelSyntax, NotOneSelect, UnsupportedClause
from streammesh.models.positions import ModelText

_CLAUSES = {
    "with_": "WITH",
    "distinct": "DISTINCT",
    "group": "GROUP BY",
    "having": "HAVING",
    "qualify": "QUALIFY",
    "windows": "WINDOW",
    "limit": "LIMIT",
    "offset": "OFFSET",
    "order": "ORDER BY",
    "sample": "SAMPLE",
    "pivots": "PIVOT",
    "laterals": "LATERAL",
    "into": "INTO",
    "locks": "FOR UPDATE",
    "kind": "SELECT AS",
    "hint": "a hint",
    "match": "MATCH_RECOGNIZE",
    "connect": "CONNECT BY",
    "prewhere": "PREWHERE",
    "cluster": "CLUSTER BY",
    "distribute": "DISTRIBUTE BY",
    "sort": "SORT BY",
    "settings": "SETTINGS",
    "format": "FORMAT",
    "options": "OPTION",
}
_KNOWN = frozenset({"expressions", "from_", "joins", "where"})
_WHY = {
    "WITH": "Common table expressions come in a later version.",
    "DISTINCT": "There is one row per key already.",
    "GROUP BY": "There is one row per key: gather rows in a sub-select instead.",
    "LIMIT": "It would choose among documents; each is computed for itself.",
    "ORDER BY": "Documents have no order; the elements of a list have: list(… ORDER BY …).",
}


def parse(file: ModelFile) -> tuple[ModelText, exp.Select]:
    """Parse a model.

    Raises:
        ModelError: when it is no SQL, or not one SELECT of a form that models have.
    """
    text = ModelText(file)
    tree = _tree(text)
    if not isinstance(tree, exp.Select):
        raise NotOneSelect(said=_said(tree), where=text.location(tree))
    refuse_clauses(text, tree)
    return text, tree


def refuse_clauses(text: ModelText, select: exp.Select) -> None:
    """Refuse what neither a model nor a sub-select in it can have.

    Raises:
        UnsupportedClause: naming the first one.
    """
    for name, value in select.args.items():
        if not value or name in _KNOWN:
            continue
        clause = _CLAUSES.get(name, name.strip("_").upper())
        part = value[0] if isinstance(value, list) else value
        node = part if isinstance(part, exp.Expr) else select
        raise UnsupportedClause(clause=clause, where=text.location(node), why=_WHY.get(clause))


def _tree(text: ModelText) -> exp.Expr:
    try:
        trees = sqlglot.parse(text.file.text, dialect="duckdb")
    except ParseError as error:
        raise _syntax(text, error) from error
    except SqlglotError as error:
        problem = "a text or quoted name is not closed"
        raise ModelSyntax(problem=problem, where=Location(text.file.path)) from error
    found = [tree for tree in trees if tree is not None]
    if not found:
        raise ModelSyntax(problem="it is empty", where=Location(text.file.path))
    if len(found) > 1:
        raise NotOneSelect(said=f"{len(found)} statements", where=text.location(found[1]))
    return found[0]


def _syntax(text: ModelText, error: ParseError) -> ModelSyntax:
    first = error.errors[0] if error.errors else {}
    marked = first.get("highlight") or ""
    line, end = first.get("line"), first.get("col")
    if not line or not end:
        return ModelSyntax(problem="it is incomplete", where=Location(text.file.path))
    lines = text.file.text.split("\n")
    column = max(1, int(end) - len(marked) + 1)
    where = Location(text.file.path, int(line), column, max(1, len(marked)), lines[int(line) - 1])
    return ModelSyntax(problem=f"something is missing or wrong at `{marked}`", where=where)


def _said(tree: exp.Expr) -> str:
    return "several statements" if isinstance(tree, exp.Block) else type(tree).__name__.upper()
