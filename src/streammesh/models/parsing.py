"""From a model's text to sqlglot's tree: one SELECT, without what no model can have."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from streammesh.documents.values import ModelFile
from streammesh.errors import Location
from streammesh.errors.models import ModelSyntax, ModelTooLarge, NotOneSelect, UnsupportedClause
from streammesh.models.positions import ModelText
from streammesh.models.spellings import respell
from streammesh.models.withs import separated

# what it doesn't understand is told as an error, not on the terminal
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

MAX_DEPTH = 150
"""Expressions and sub-selects in one another."""

MAX_SELECTS = 100
"""SELECTs with UNION ALL between them."""

_TOO_DEEP = "expressions stand in one another too deeply"
_CLAUSES = {
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
    "DISTINCT": "There is one row per key already.",
    "DISTINCT in a sub-select": "A list has all its rows, or each value once.",
    "GROUP BY": "There is one document per row of the root.",
    "GROUP BY in a sub-select": "A sub-select gives one value: one group, that of its WHERE.",
    "HAVING": "There is one document per row of the root.",
    "QUALIFY": "It looks at rows of other documents.",
    "LIMIT": "It would choose among documents; each is computed for itself.",
    "LIMIT in a sub-select": "Without ORDER BY any row could be meant; an aggregate has one row.",
    "OFFSET": "What stands at a place changes with every row before it.",
    "ORDER BY": "Documents have no order; the elements of a list have: list(… ORDER BY …).",
    "ORDER BY in a sub-select": "It gives one value.",
    "UNION": "Of documents that are the same it would drop all but one.",
    "EXCEPT": "Which rows it keeps depends on all rows of the other SELECT.",
    "INTERSECT": "Which rows it keeps depends on all rows of the other SELECT.",
    "BY NAME": "The fields of the SELECTs stand at the same places.",
    "LATERAL": "It would be computed again for each row of another table.",
    "SAMPLE": "It gives other rows each time.",
}
_FIX = {
    "DISTINCT": "leave it out",
    "DISTINCT in a sub-select": "write list(DISTINCT x ORDER BY x) or count(DISTINCT x)",
    "GROUP BY": "begin FROM with the table whose key you group by, and gather in a sub-select:"
    " (SELECT sum(…) FROM … WHERE child.key = root.key)",
    "GROUP BY in a sub-select": "leave it out, or put the grouped table into FROM and gather in"
    " a sub-select of its own",
    "HAVING": "write the condition in WHERE: (SELECT count(*) FROM …) > 1",
    "QUALIFY": "write (SELECT … ORDER BY … LIMIT 1) among the fields",
    "LIMIT": "leave it out, or say in WHERE which rows are documents",
    "LIMIT in a sub-select": "write ORDER BY … LIMIT 1 for one row, list(… ORDER BY …)[1:n] for"
    " the first n",
    "OFFSET": "leave it out",
    "ORDER BY": "leave it out",
    "ORDER BY in a sub-select": "add LIMIT 1 for the first row, or write list(… ORDER BY …)",
    "LATERAL": "write a sub-select among the fields",
    "FOR UPDATE": "leave it out",
    "UNION": "write UNION ALL; the key tells the documents of its SELECTs apart",
    "EXCEPT": "write WHERE NOT EXISTS (SELECT 1 FROM … WHERE …)",
    "INTERSECT": "write WHERE EXISTS (SELECT 1 FROM … WHERE …)",
    "BY NAME": "write UNION ALL, and the fields of each SELECT in the order of the first",
}


def parse(file: ModelFile) -> tuple[ModelText, exp.Select]:
    """Parse what is one SELECT.

    Raises:
        ModelError: when it is no SQL, or not one SELECT.
    """
    text, tree = parse_model(file)
    if not isinstance(tree, exp.Select):
        raise NotOneSelect(said=_said(text, tree), where=text.location(tree))
    return text, tree


def parse_model(file: ModelFile) -> tuple[ModelText, exp.Select | exp.Union]:
    """Parse a model: a SELECT, or several with UNION ALL between them (see `selects_of`).

    Raises:
        ModelError: when it is no SQL, or neither.
    """
    if file.text.startswith("\ufeff"):
        file = replace(file, text=" " + file.text[1:])
    text = ModelText(file)
    tree = _tree(text)
    if isinstance(tree, exp.Subquery):
        tree = tree.unnest()
    if isinstance(tree, exp.SetOperation):
        check_count(text, _count(tree))
        _check_union(text, tree)
    _check_depth(text, tree)
    if not isinstance(tree, exp.Select | exp.Union):
        raise NotOneSelect(said=_said(text, tree), where=text.location(tree))
    _check_limits(text, tree)
    respell(tree)
    return separated(text, tree), tree


def selects_of(tree: exp.Expr) -> list[exp.Select]:
    """Give the SELECTs of a model in order, each without what stands around it."""
    while isinstance(tree, exp.Subquery):
        tree = tree.this
    if isinstance(tree, exp.Union):
        return [*selects_of(tree.left), *selects_of(tree.right)]
    if not isinstance(tree, exp.Select):
        raise TypeError("a model is of SELECTs")
    tree.parent = tree.arg_key = None
    return [tree]


def check_count(text: ModelText, count: int) -> None:
    """Refuse too many SELECTs with UNION ALL between them.

    Raises:
        ModelTooLarge: when they are.
    """
    if count > MAX_SELECTS:
        problem = f"{count} SELECTs with UNION ALL between them; {MAX_SELECTS} are possible"
        raise ModelTooLarge(problem=problem, where=Location(text.file.path))


def _count(tree: exp.SetOperation) -> int:
    waiting: list[exp.Expr] = [tree]
    count = 1
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.SetOperation):
            count += 1
            waiting += [node.left, node.right]
        elif isinstance(node, exp.Subquery):
            waiting.append(node.this)
    return count


def _check_union(text: ModelText, tree: exp.Expr) -> None:
    """Refuse what is not SELECTs with UNION ALL between them.

    Raises:
        ModelError: at the first place where it is something else.
    """
    bare = tree.unnest() if isinstance(tree, exp.Subquery) else tree
    extras = [one for one in _CLAUSES if isinstance(tree.args.get(one), exp.Expr)]
    if not isinstance(bare, exp.SetOperation | exp.Select):
        raise NotOneSelect(said=_said(text, bare), where=text.location(bare))
    if isinstance(tree, exp.Select):
        return
    for name in extras:
        clause = _CLAUSES[name]
        where, why, fix = text.location(tree.args[name]), _WHY.get(clause), _FIX.get(clause)
        raise UnsupportedClause(clause=f"{clause} of a UNION", where=where, why=why, fix=fix)
    if not isinstance(bare, exp.SetOperation) or bare is not tree:
        _check_union(text, bare)
        return
    clause = type(tree).__name__.upper()
    if isinstance(tree, exp.Union) and not tree.args.get("distinct"):
        clause = "BY NAME" if tree.args.get("by_name") else ""
    if clause:
        where, why, fix = text.location(tree), _WHY.get(clause), _FIX.get(clause)
        raise UnsupportedClause(clause=clause, where=where, why=why, fix=fix)
    _check_union(text, tree.left)
    _check_union(text, tree.right)


def _check_limits(text: ModelText, tree: exp.Expr) -> None:
    for node in tree.find_all(exp.LimitOptions):
        options = (("percent", "PERCENT"), ("with_ties", "WITH TIES"))
        for name, clause in options:
            if node.args.get(name):
                where, fix = text.location(node.parent or node), "write how many rows: LIMIT 1"
                raise UnsupportedClause(clause=f"LIMIT {clause}", where=where, fix=fix)


def _check_depth(text: ModelText, tree: exp.Expr) -> None:
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ModelSyntax(problem=_TOO_DEEP, where=text.location(node))
        # SELECTs of one UNION ALL stand side by side, whatever the parser makes of them
        deeper = 0 if isinstance(node, exp.SetOperation) else 1
        waiting += [(child, depth + deeper) for child in node.iter_expressions()]


def refused_clauses(
    text: ModelText, select: exp.Select, allowed: Collection[str] = ()
) -> list[UnsupportedClause]:
    """Give an error for each clause that neither a model nor a sub-select in it can have.

    Args:
        text: the model.
        select: the SELECT.
        allowed: sqlglot's names of clauses that this one may have.
    """
    errors = []
    for name, value in select.args.items():
        if not value or name in _KNOWN or name in allowed:
            continue
        clause = _CLAUSES.get(name, name.strip("_").upper())
        part = value[0] if isinstance(value, list) else value
        node = part if isinstance(part, exp.Expr) else select
        inside = "in a sub-select" if select.parent is not None else ""
        why = _WHY.get(f"{clause} {inside}".strip(), _WHY.get(clause))
        fix = _FIX.get(f"{clause} {inside}".strip(), _FIX.get(clause))
        errors.append(UnsupportedClause(clause=clause, where=text.location(node), why=why, fix=fix))
    return errors


def _tree(text: ModelText) -> exp.Expr:
    written = text.file.text
    if "\0" in written:
        where = text.at(written.index("\0"), written.index("\0") + 1)
        raise ModelSyntax(problem="it has a zero byte", where=where)
    try:
        trees = sqlglot.parse(written, dialect="duckdb")
    except ParseError as error:
        raise _syntax(text, error) from error
    except SqlglotError as error:
        raise _unclosed(text) from error
    except RecursionError as error:
        raise ModelSyntax(problem=_TOO_DEEP, where=Location(text.file.path)) from error
    except Exception as error:  # what the parser fails at is wrong in some way that it doesn't tell
        where = Location(text.file.path)
        raise ModelSyntax(problem="it is no SELECT that can be understood", where=where) from error
    found = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if not found:
        raise ModelSyntax(problem="it is empty", where=Location(text.file.path))
    if len(found) > 1:
        raise NotOneSelect(said=f"{len(found)} statements", where=text.location(found[1]))
    return found[0]


def _unclosed(text: ModelText) -> ModelSyntax:
    """Give the error for a quote or comment without its end, at its beginning."""
    written = text.file.text
    for found in _PIECES.finditer(written):
        if found.lastgroup == "open":
            said = {"'": "a text", '"': "a quoted name"}.get(found[0][0], "a comment")
            where = text.at(found.start(), len(written))
            return ModelSyntax(problem=f"{said} is not closed", where=where)
    problem = "it has characters that SQL doesn't have"
    return ModelSyntax(problem=problem, where=Location(text.file.path))


_PIECES = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*+'|"(?:[^"]|"")*+"|(?P<open>/\*|'|")""", re.DOTALL
)


def _syntax(text: ModelText, error: ParseError) -> ModelSyntax:
    first = error.errors[0] if error.errors else {}
    marked = first.get("highlight") or ""
    line, end = first.get("line"), first.get("col")
    if not line or not end:
        return ModelSyntax(problem="it is incomplete", where=Location(text.file.path))
    lines = text.file.text.split("\n")
    column = max(1, int(end) - len(marked) + 1)
    line = min(int(line), len(lines))  # the parser counts too many after some broken quotes
    shown = lines[line - 1].rstrip("\r")
    where = Location(text.file.path, line, column, max(1, len(marked)), shown)
    return ModelSyntax(problem=_problem(str(first.get("description") or ""), marked), where=where)


def _problem(description: str, marked: str) -> str:
    """Give what is wrong in plain words, from the parser's own."""
    if (expected := re.match(r"Expecting (\S+)", description)) is not None:
        return f"`{expected[1]}` is missing before `{marked}`"
    if description.startswith("Required keyword"):
        return f"something is missing after `{marked}`"
    if description.startswith("Invalid expression"):
        return f"`{marked}` is not expected here: is a comma or bracket missing, or too many?"
    return f"something is missing or wrong at `{marked}`"


def _said(text: ModelText, tree: exp.Expr) -> str:
    if isinstance(tree, exp.Block):
        return "several statements"
    if isinstance(tree, exp.SetOperation):
        return type(tree).__name__.upper()
    return text.tokens[0].text.upper() if text.tokens else type(tree).__name__.upper()
