"""The example shop's tables, and what a check of a migration of them finds."""

from __future__ import annotations

from collections.abc import Iterable

from streammesh.capture.migrations.statements import read_migration
from streammesh.documents.files import source_text
from streammesh.documents.workspace import load
from streammesh.models.tables import Table
from streammesh.planning.migrations.judging import judge
from streammesh.planning.migrations.showing import WORDS
from streammesh.planning.migrations.values import Judged, Judgement
from tests.unit.planning.conftest import COLUMNS, SHOP, table

WORKSPACE = load(SHOP)
SOURCE = WORKSPACE.domains["sales"].sources[0]
TABLES = tuple(table(name, columns) for name, columns in COLUMNS.items())


def check(
    sql: str,
    dialect: str = "postgres",
    tables: Iterable[Table] = TABLES,
    **options,
) -> Judgement:
    migration = read_migration(source_text("m.sql", sql.encode()), dialect)
    return judge(WORKSPACE, SOURCE, tables, migration, **options)


def last(sql: str, dialect: str = "postgres", **options) -> Judged:
    return check(sql, dialect, **options).statements[-1]


def verdicts(sql: str, dialect: str = "postgres") -> list[str]:
    return [WORDS[one.verdict] for one in check(sql, dialect).statements]


def words(one: Judged) -> str:
    return " | ".join(" ".join((each.who, each.what, each.fix)) for each in one.impacts)
