"""Statements about rows: whose they are, and which functions they call."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from streammesh.capture.migrations.cursor import Cursor
from streammesh.capture.migrations.effects import Effect
from streammesh.capture.migrations.statements import MYSQL, Statement
from streammesh.documents.values import TableName

MAX_PARSED = 200_000
"""Characters of a statement about rows that are looked at; a longer one inserts many rows."""

_NO_HARM = frozenset(
    [
        "setval",
        "nextval",
        "currval",
        "lastval",
        "pg_get_serial_sequence",
        "gen_random_uuid",
        "uuid_generate_v4",
        "now",
        "pg_advisory_lock",
        "pg_advisory_unlock",
        "pg_advisory_xact_lock",
        "pg_sleep",
        "version",
        "txid_current",
        "current_setting",
        "pg_size_pretty",
        "clock_timestamp",
        "to_regclass",
        "statement_timestamp",
    ]
)
_CHANGING = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def change_rows(statement: Statement, dialect: str, effect: Effect) -> Effect:
    """Tell what INSERT, UPDATE, DELETE, MERGE or SELECT does.

    Args:
        statement: the statement.
        dialect: of the migration.
        effect: what is said of it so far.
    """
    first = statement.tokens[0].word
    if first == "REPLACE" or (first == "INSERT" and len(statement.text) > MAX_PARSED):
        return _inserted(Cursor(statement, mysql=dialect in MYSQL), effect)
    tree = _parsed(statement.text, "mysql" if dialect in MYSQL else "postgres")
    if tree is None:
        return effect.unjudged(f"what this {statement.tokens[0].word} does can't be read here")
    if isinstance(tree, exp.Select) and tree.args.get("into"):
        return effect.unjudged("SELECT INTO makes a table: write CREATE TABLE … AS")
    changed = list(_changed(tree, effect))
    for name, words, columns in changed:
        effect = _told(effect, name, words, columns)
    called = sorted(_functions(tree) - _NO_HARM)
    if called:
        return effect.unjudged(f"what the function {', '.join(called)} does")
    return effect if changed else effect.harmless("no row changes")


def _inserted(cursor: Cursor, effect: Effect) -> Effect:
    """Tell what REPLACE does, or an INSERT of very many rows, which are not looked at."""
    cursor.take_one("INSERT", "REPLACE")
    cursor.take_one("IGNORE", "DELAYED", "LOW_PRIORITY")
    cursor.take("INTO")
    return _told(effect, effect.schema.find(cursor.qualified()), _WORDS[exp.Insert], ())


def copy_rows(cursor: Cursor, effect: Effect) -> Effect:
    """Tell what COPY does; the word COPY has been read."""
    if cursor.sees("("):
        cursor.until()
        return effect.harmless("it reads only")
    name = effect.schema.find(cursor.qualified())
    into = "FROM" in [one.word for one in cursor.until()]
    return (
        _told(effect, name, _WORDS[exp.Insert], ()) if into else effect.harmless("no row changes")
    )


def _parsed(text: str, dialect: str) -> exp.Expr | None:
    try:
        tree = sqlglot.parse_one(text, dialect=dialect)
    except (SqlglotError, RecursionError):
        return None
    except Exception:  # the parser fails in its own code at some texts: that is told as unjudged
        return None
    unknown = any(_target(one) is None for one in tree.find_all(*_CHANGING))
    return None if unknown or isinstance(tree, exp.Command) else tree


def _target(node: exp.Expr) -> exp.Table | None:
    """Give the table whose rows a statement changes; None where it names none."""
    target = node.this
    if not isinstance(target, exp.Expr):
        return None
    return target if isinstance(target, exp.Table) else target.find(exp.Table)


def _functions(tree: exp.Expr) -> set[str]:
    """Give the functions that no database has by itself, as far as the parser knows."""
    found = {one.name.lower() for one in tree.find_all(exp.Anonymous)}
    return {one.rpartition(".")[2] for one in found}


def _changed(tree: exp.Expr, effect: Effect) -> Iterator[tuple[TableName, str, tuple[str, ...]]]:
    for node in tree.find_all(*_CHANGING):
        table = _target(node)
        if table is None:
            continue  # such a tree is not looked at: see `_parsed`
        parts = tuple(_folded(part, effect) for part in table.parts)
        every = "" if isinstance(node, exp.Insert | exp.Merge) or node.args.get("where") else "all "
        yield effect.schema.find(parts), f"{every}{_WORDS[type(node)]}", _assigned(node)


_WORDS: dict[type[exp.Expr], str] = {
    exp.Insert: "rows are inserted",
    exp.Update: "rows are updated",
    exp.Delete: "rows are deleted",
    exp.Merge: "rows are merged",
}


def _folded(part: exp.Expr, effect: Effect) -> str:
    quoted = bool(part.args.get("quoted")) or effect.schema.source.database_type in MYSQL
    return part.name if quoted else part.name.lower()


def _assigned(node: exp.Expr) -> tuple[str, ...]:
    if not isinstance(node, exp.Update):
        return ()
    names = [one.this.name for one in node.expressions if isinstance(one, exp.EQ)]
    return tuple(names) if all(names) and len(names) == len(node.expressions) else ()


def _told(effect: Effect, name: TableName, words: str, columns: tuple[str, ...]) -> Effect:
    relation = effect.schema.relations.get(name)
    if relation is None or relation.origin is None:
        return effect.harmless(f"{name} is not captured")
    rows = relation.table.estimated_rows
    count = f" (it has about {rows:,})" if rows > 0 and words.startswith("all") else ""
    known = [one for one in columns if relation.table.column(one) is not None]
    for column in known:
        effect = effect.events(relation, f"{words}{count}", column)
    if columns and not known:
        return effect.harmless(f"{words} where no column is captured")
    return effect if known else effect.events(relation, f"{words}{count}")
