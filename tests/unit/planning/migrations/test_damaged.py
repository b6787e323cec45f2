"""Statements with words that are missing, doubled or exchanged: told, never a traceback."""

import random

import pytest

from streammesh.capture.migrations.applying import apply
from streammesh.capture.migrations.schema import schema_of
from streammesh.capture.migrations.statements import read_migration
from streammesh.documents.files import source_text
from streammesh.errors.migrations import MigrationSyntax
from tests.unit.planning.migrations import test_mysql, test_postgres
from tests.unit.planning.migrations.support import SOURCE, TABLES

POSTGRES = [
    sql
    for found in (
        test_postgres.BREAKS,
        test_postgres.CHANGES,
        test_postgres.HARMLESS,
        test_postgres.UNJUDGED,
    )
    for sql, _ in found
]
MYSQL = [sql for _, sql, _ in test_mysql.CASES]


def damaged(sql: str, chance: random.Random) -> str:
    words = sql.split(" ")
    at, other = chance.randrange(len(words)), chance.randrange(len(words))
    how = chance.randrange(4)
    if how == 0:
        del words[at]
    elif how == 1:
        words.insert(at, words[other])
    elif how == 2:
        words[at], words[other] = words[other], words[at]
    else:
        words = words[: at + 1]
    return " ".join(words)


@pytest.mark.parametrize(("dialect", "every"), [("postgres", POSTGRES), ("mysql", MYSQL)])
def test_damaged_statements_are_told(dialect: str, every: list[str]) -> None:
    chance = random.Random(7)
    refused = placed = applied = 0
    for sql in every * 20:
        text = source_text("m.sql", damaged(sql, chance).encode())
        try:
            steps = list(apply(read_migration(text, dialect), schema_of(SOURCE, TABLES)))
            applied += len(steps)
            for one in steps:
                one.effect.worst()
                one.effect.schema.as_before()
        except MigrationSyntax as error:
            refused += 1
            placed += error.where is not None and error.where.line > 0
    assert placed == refused
    assert min(refused, applied) > 10
