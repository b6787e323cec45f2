"""Whatever is written, the compiler gives a model or its own errors, and soon."""

from __future__ import annotations

import random
import time

import pytest
from sqlglot.dialects.duckdb import DuckDB

from streammesh.errors import MeshError, MeshErrors
from tests.unit.models.shapes import SHAPES
from tests.unit.models.support import fields

STRANGE = (
    *"()[]{},.*-;?",
    *(
        "NULL",
        "[]",
        "'x'",
        "NOT",
        "IN",
        "EXISTS",
        "SELECT",
        "FROM",
        "WHERE",
        "LIMIT",
        "ORDER",
        "BY",
    ),
    *("CASE", "END", "AS", "FILTER", "DISTINCT", "OVER", "::", "json", "interval", "'", '"', "--"),
    *("/*", "$1", "@x", "IS", "LIKE", "ESCAPE", "AND", "UNION", "WITH", "GROUP", "UNNEST", "USING"),
    *("NATURAL", "VALUES", "e'", "0x1", "1e5", "9" * 40, "DATE", "'2026-13-01'", "x -> x"),
)
PLACES = 120


def pieces(sql: str) -> list[str]:
    return [sql[one.start : one.end + 1] for one in DuckDB().tokenize(sql)]


def mutated(dice: random.Random, parts: list[str], others: list[str]) -> str:
    found = list(parts)
    for _ in range(dice.choice((1, 1, 2, 4))):
        at = dice.randrange(len(found))
        match dice.randrange(5):
            case 0:
                found = found[:at] + found[at + dice.choice((1, 2, 5)) :] or ["SELECT"]
            case 1:
                found.insert(at, found[at])
            case 2:
                other = dice.randrange(len(found))
                found[at], found[other] = found[other], found[at]
            case 3:
                found.insert(at, dice.choice(STRANGE))
            case _:
                found[at] = dice.choice(others)
    return " ".join(found)


@pytest.mark.parametrize("seed", range(3))
def test_mutated_models_are_compiled_or_refused(seed: int) -> None:
    dice = random.Random(seed)
    models = [pieces(sql) for _, sql in SHAPES.values()]
    refused = 0
    for _ in range(PLACES):
        sql = mutated(dice, dice.choice(models), dice.choice(models))
        try:
            fields(sql)
        except MeshError as error:
            refused += 1
            every = error.errors if isinstance(error, MeshErrors) else (error,)
            assert all(one.where is not None and str(one) for one in every), sql
    assert refused > PLACES / 2


def test_a_wide_model_is_compiled_in_a_second() -> None:
    columns = ", ".join(f"o.number + {at} AS f{at}" for at in range(400))
    started = time.process_time()
    fields(f"SELECT {columns} FROM shop.orders o")
    assert time.process_time() - started < 1


def test_a_wide_model_of_errors_is_refused_in_a_second() -> None:
    columns = ", ".join(f"o.numbr{at} + 'x' AS f{at}" for at in range(400))
    started = time.process_time()
    with pytest.raises(MeshErrors) as raised:
        fields(f"SELECT {columns} FROM shop.orders o")
    assert len(raised.value.errors) == 400
    assert time.process_time() - started < 2
