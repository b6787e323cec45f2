"""Every column type both ways: what COPY gives is the same row of the state as what Debezium gives
for the same value, whether it stands in a block with nothing rare or with everything rare in it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streammesh.documents.values import TableName
from streammesh.engine.copied import BlockLoader
from streammesh.engine.state import NEXT
from streammesh.local.stack import Stack
from streammesh.models.storage import quote, table_name
from tests.integration.capture.captured import Captured
from tests.integration.models.column_values import SETUP, VALUES
from tests.integration.models.followed import Followed

KINDS = tuple(VALUES)
TABLES = {kind: f"t{at}" for at, kind in enumerate(KINDS)}

SETTINGS = (
    "SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601';"
    " SET TimeZone = 'UTC'; SET bytea_output = 'hex'; SET extra_float_digits = 1"
)


@pytest.fixture(scope="module")
def followed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    captured = Captured(stack, [f"public.{one}" for one in TABLES.values()])
    try:
        with captured.superuser() as session:
            session.execute("CREATE EXTENSION citext")
            session.execute("CREATE EXTENSION hstore")
        captured.run(*SETUP)
        for kind, table in TABLES.items():
            captured.run(f"CREATE TABLE {table} (id int PRIMARY KEY, n int NOT NULL, v {kind})")
        captured.start()
        found = Followed(captured, tmp_path_factory.mktemp("state"))
        found.follow()
        found.run(*_inserts())
        yield found
        found.close()
    finally:
        captured.close()


def _inserts() -> Iterator[str]:
    for kind, table in TABLES.items():
        for at, value in enumerate([*VALUES[kind], *([] if kind == "nested" else ["NULL"])]):
            yield f"INSERT INTO {table} VALUES ({at}, 0, {value})"


def test_copied_values_are_those_of_the_log(followed: Followed) -> None:
    session = followed.captured.session
    session.execute(SETTINGS)
    wrong = []
    for table in followed.tables:
        kind = KINDS[int(table.name.name[1:])]
        with session.cursor().copy(f"COPY {table.name.name} (v, id, n) TO STDOUT") as copy:
            lines = [bytes(one) for one in copy]
        # all at once, and each alone: the rare values of one must not decide on the others
        for blocks in ([b"".join(lines)], lines):
            copied = _loaded(followed, table.name, blocks)
            logged = {row[0]: row for row in _rows(followed, table_name(table.name))}
            for key in logged.keys() | copied.keys():
                if logged.get(key) != copied.get(key):
                    one, other = logged.get(key), copied.get(key)
                    wrong.append(f"{kind} {key}: log {one!s:.200} / copied {other!s:.200}")
    assert not wrong, "\n".join(wrong)


def _loaded(followed: Followed, name: TableName, blocks: list[bytes]) -> dict[int, object]:
    state = followed.state
    state.create_tables(NEXT, (name,))
    loader = BlockLoader("sales.shop", state.tables[name], ("v", "id", "n"))
    assert sum(loader.load(state, block) for block in blocks) == sum(
        block.count(b"\n") for block in blocks
    )
    return {row[0]: row for row in _rows(followed, quote(f"{NEXT}{name}"))}


def _rows(followed: Followed, table: str) -> list[tuple[object, ...]]:
    return followed.state.rows(f"SELECT *, typeof(v) FROM {table}")
