"""Every column type end to end: snapshot, insert, update, key update and delete, as Debezium really
writes them, give the documents that PostgreSQL gives; what can't be shown violates the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from streammesh.local.stack import Stack
from tests.integration.capture.captured import Captured
from tests.integration.models.column_values import SETUP, VALUES
from tests.integration.models.followed import Followed, following

MODEL = "SELECT t.id, t.n, t.v FROM shop.{} t"
IDENTITIES = ("default", "full")
KINDS = tuple(VALUES)


def name(kind: str, identity: str) -> str:
    return f"t{KINDS.index(kind)}_{identity}"


TABLES = [name(kind, identity) for kind in KINDS for identity in IDENTITIES]


def values(kind: str) -> list[str]:
    return [*VALUES[kind], *([] if kind == "nested" else ["NULL"])]


def inserts(first: int) -> Iterator[str]:
    for kind in KINDS:
        for identity in IDENTITIES:
            for at, value in enumerate(values(kind)):
                table = name(kind, identity)
                yield f"INSERT INTO {table} VALUES ({first + at}, 0, {value})"


def rotations(first: int, move: int) -> Iterator[str]:
    """Give each row the value of the next one, and maybe another key."""
    for kind in KINDS:
        wanted = values(kind)
        for identity in IDENTITIES:
            for at in range(len(wanted)):
                value = wanted[(at + 1) % len(wanted)]
                table = name(kind, identity)
                key = first + at
                yield f"UPDATE {table} SET v = {value}, id = {key + move} WHERE id = {key}"


@pytest.fixture(scope="module")
def followed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    with closing(Captured(stack, [f"public.{one}" for one in TABLES])) as captured:
        with captured.superuser() as session:
            session.execute("CREATE EXTENSION citext")
            session.execute("CREATE EXTENSION hstore")
        captured.run(*SETUP)
        for kind in KINDS:
            for identity in IDENTITIES:
                table = name(kind, identity)
                captured.run(
                    f"CREATE TABLE {table} (id int PRIMARY KEY, n int NOT NULL, v {kind})",
                    f"ALTER TABLE {table} REPLICA IDENTITY {identity}",
                )
        captured.run(*inserts(0))
        with following(captured, tmp_path_factory.mktemp("state")) as found:
            yield found


def check(followed: Followed) -> None:
    wrong = []
    for kind in KINDS:
        for identity in IDENTITIES:
            given, expected = followed.documents(MODEL.format(name(kind, identity)))
            for key in given.keys() | expected.keys():
                mine, theirs = given.get(key), expected.get(key)
                if mine != theirs:
                    wrong.append(f"{kind} ({identity}) {key}: {mine!s:.200} / {theirs!s:.200}")
    assert not wrong, "\n".join(wrong)


def test_all_types_are_read(followed: Followed) -> None:
    unread = [one.name for one in followed.tables if one.columns[2].type is None]
    assert not unread


def test_values_are_the_databases_after_every_kind_of_change(followed: Followed) -> None:
    check(followed)
    followed.run(*inserts(100))
    check(followed)
    followed.run(*(f"UPDATE {table} SET n = n + 1" for table in TABLES))
    check(followed)
    followed.run(*rotations(0, 0), *rotations(100, 0))
    check(followed)
    followed.run(*(f"UPDATE {table} SET id = id + 1000 WHERE id < 100" for table in TABLES))
    check(followed)
    followed.run(*rotations(100, 5000))
    check(followed)
    followed.run(*(f"DELETE FROM {table} WHERE id % 2 = 0" for table in TABLES))
    check(followed)
