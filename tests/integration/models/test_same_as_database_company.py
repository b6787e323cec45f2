"""Models over a company's tables give in the engine what the database gives, for random rows."""

from __future__ import annotations

import random
import uuid
from typing import Any

import psycopg
import pytest

from streammesh.contracts.types import Date, Decimal, Integer, Text, Timestamp, Uuid
from streammesh.local.stack import Stack
from streammesh.models.tables import Column, Table
from tests.integration.models.conftest import Database
from tests.unit.models.company import COMPANY, COMPANY_SHAPES
from tests.unit.models.support import State, compiled

MODELS = {name: compiled(sql, key, None, COMPANY) for name, (key, sql) in COMPANY_SHAPES.items()}
ROUNDS = 40


def random_value(dice: random.Random, column: Column) -> Any:  # noqa: PLR0911 - a type each
    if column.nullable and dice.random() < 0.2:
        return None
    small = dice.randint(1, 4)
    match column.type:
        case Integer():
            return small
        case Decimal(_, scale):
            return f"{dice.choice([small, small * 1000 + 7])}" + (f".{small}0" if scale else "")
        case Uuid():
            return f"00000000-0000-4000-8000-00000000000{small}"
        case Date():
            return f"2000-02-0{small}Z"
        case Timestamp():
            return f"2026-01-0{small}T10:00:00Z"
        case Text(2):
            return dice.choice(["CH", "DE"])
        case _:
            return dice.choice("1234abé")


def random_rows(dice: random.Random, table: Table) -> list[dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for _ in range(8):
        row = {one.name: random_value(dice, one) for one in table.columns}
        found.setdefault(tuple(row[name] for name in table.primary_key), row)
    rows = list(found.values())
    for key in table.unique:
        taken: set[Any] = {None}
        for row in rows:
            value = row[key[0]]
            row[key[0]] = None if value in taken else value
            taken.add(value)
    return rows


@pytest.fixture(scope="module")
def company(stack: Stack) -> Any:
    info, name = stack.info(), f"models_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(info.postgres_url(name), autocommit=True) as connection:
                yield Database(connection, COMPANY)
        finally:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_engine_and_database_agree_about_a_company(company: Database) -> None:
    dice = random.Random(4)
    documents = 0
    for _ in range(ROUNDS):
        rows = {str(one.name): random_rows(dice, one) for one in COMPANY}
        company.fill(rows)
        state = State((), COMPANY)
        for name, given in rows.items():
            for row in given:
                state.insert(name, **row)
        for shape, model in MODELS.items():
            found = state.documents(model)
            documents += len(found)
            assert found == company.documents(model), shape
    assert documents > ROUNDS * len(MODELS)
