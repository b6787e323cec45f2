"""Parts of JSON values and lists, and times: the same in engine and database, for random rows."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from streammesh.local.stack import Stack
from tests.integration.models.conftest import Database
from tests.unit.models.part_shapes import PARTS, TIMES
from tests.unit.models.support import State, compiled

MODELS = {name: compiled(sql, "k", None, (TIMES,)) for name, sql in PARTS.items()}
ROUNDS = 150
UUIDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2)]
DOCUMENTS = (
    *('{"a": [1, 2.50, null], "b": "é", "n": 1.50, "o": {"x": "y\\"z"}}', '{"a": "x", "n": 100}'),
    *('{"a": {"x": [true]}, "n": "7", "o": null, "b": "hidden"}', "[]", '["x", 1e2]', '"a"', "3"),
    *("null", "true", '{"n": 1e20}', '{"n": -0.000001250, "a": false}', '{"n": 0.0}', '{"a": []}'),
    *('{"n": 12345678901234567890}', '{"n": 0.1234567890123456789}', '{"n": -0}', '{"n": 1.0}'),
    *('{"n": 1e-310}', '{"n": 123456789012345678.5}', '{"n": 9007199254740993.5, "0": 1}'),
)
MOMENTS = (
    *("2026-01-31T10:00:00.123456Z", "2026-02-28T23:59:59.999999Z", "1969-12-31T23:59:59.9Z"),
    *("2024-02-29T00:00:00Z", "2026-03-29T01:30:00Z", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59.999999Z", "2026-01-05T00:00:00Z", "2026-01-04T23:59:59Z"),
)
TEXTS = ("x", "y", "", "é", "a b")


def listed(dice: random.Random, values: Any) -> Any:
    return [dice.choice((*values, None)) for _ in range(dice.randint(0, 3))]


def row(dice: random.Random, key: int) -> dict[str, Any]:
    some: dict[str, Any] = {
        "parent": dice.randint(1, 4),
        "doc": dice.choice(DOCUMENTS),
        "tags": listed(dice, TEXTS),
        "codes": [dice.choice(("x", "ab")) for _ in range(dice.randint(0, 2))],
        "ns": listed(dice, (1, 2, 3)),
        "ms": listed(dice, ("1.50", "2.00", "-3.25")),
        "ws": listed(dice, ("1.5000", "12345678901234567890.1234")),
        "us": listed(dice, UUIDS),
        "fs": listed(dice, (True, False)),
        **{name: dice.choice(MOMENTS) for name in ("a", "z")},
        "d": dice.choice(MOMENTS)[:10] + "Z",
        "h": dice.choice(("00:00:00Z", "10:05:00.5Z", "23:59:59.999999Z")),
        "t": dice.choice(TEXTS),
        "m": dice.choice(("1.50", "2.00", "3.00")),
        "w": dice.choice(("1.5000", "12345678901234567890.1234")),
        "u": dice.choice(UUIDS),
        "f": dice.choice((True, False)),
    }
    some = {name: None if dice.random() < 0.15 else value for name, value in some.items()}
    for name, value in some.items():
        if value and isinstance(value, list) and all(one is None for one in value):
            some[name] = []
    return {"k": key, "b": dice.choice(MOMENTS), **some}


@pytest.fixture(scope="module")
def times(stack: Stack) -> Iterator[Database]:
    info, name = stack.info(), f"models_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(info.postgres_url(name), autocommit=True) as connection:
                connection.execute("SET timezone = 'America/New_York'")
                connection.execute("SET synchronous_commit = off")
                yield Database(connection, (TIMES,))
        finally:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_engine_and_database_agree_about_parts_and_times(times: Database) -> None:
    dice = random.Random(7)
    for _ in range(ROUNDS):
        rows = [row(dice, key) for key in range(1, 5)]
        times.fill({"times": rows})
        state = State((), (TIMES,))
        for given in rows:
            state.insert("times", **given)
        for shape, model in MODELS.items():
            assert state.documents(model) == times.documents(model), shape
