"""Values of every type as Debezium really writes them become what PostgreSQL has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import apsw
import pytest

from streammesh.capture.introspect import introspect
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Field, Integer
from streammesh.documents.values import ContractFile, ModelFile, Port, StreamOptions
from streammesh.local.stack import Stack
from streammesh.models import functions
from streammesh.models.compile import compile_model, fields_given
from streammesh.models.compiled import CompiledModel
from streammesh.models.incoming import normaliser
from streammesh.models.queries import preview_all
from streammesh.models.storage import column_ddl, quote, table_name
from streammesh.models.tables import Table
from tests.integration.capture.captured import Captured
from tests.unit.models.support import canonical

TYPES = {
    "small": "smallint",
    "medium": "integer",
    "big": "bigint",
    "price": "numeric(10,2)",
    "tiny": "numeric(12,10)",
    "whole": "numeric(18,0)",
    "wide": "numeric(38,6)",
    "note": "text",
    "short": "varchar(20)",
    "padded": "char(5)",
    "yes": "boolean",
    "day": "date",
    "clock": "time",
    "clock3": "time(3)",
    "local": "timestamp",
    "local3": "timestamp(3)",
    "moment": "timestamptz",
    "moment0": "timestamptz(0)",
    "uid": "uuid",
    "raw": "bytea",
    "document": "jsonb",
    "written": "json",
    "mood": "mood",
}
ROWS = (
    (
        "-32768, -2147483648, -9223372036854775808, -99999999.99, -0.0000000001,"
        " 999999999999999999, -99999999999999999999999999999999.999999, '', 'é', 'a', true,"
        " '0001-01-01', '00:00', '00:00', '1583-01-01 00:00', '1583-01-01 00:00',"
        " '1583-01-01 00:00:00+00', '2026-01-31 10:00+02', '00000000-0000-0000-0000-00000000000A',"
        " '\\x', '{\"b\": 1.50, \"a\": [1e3, null, true]}', '{\"b\" : 1, \"b\": 2}', 'sad'"
    ),
    (
        "32767, 2147483647, 9223372036854775807, 0, 0, 0, 0, E'a\\n\"''\\\\', '  ', 'ab cd', false,"
        " '9999-12-31', '23:59:59.999999', '23:59:59.999', '9999-12-31 23:59:59.999999',"
        " '2026-01-31 10:00:00.1', '9999-12-31 23:59:59.999999+00', '1969-12-31 23:59:59+00',"
        " 'ffffffff-ffff-ffff-ffff-ffffffffffff', '\\x00ff7f', '12345678901234567890123',"
        " '\"text\"', 'very happy'"
    ),
    (
        "1, 1, 1, 0.10, 1.5, -7, 12.5, 'null', '', '', NULL, '2000-02-29', '10:00:00.1', '10:00',"
        " '2026-01-31 10:00:00.120', '2026-01-31 10:00', '2026-06-30 10:00:00.000001+05:45',"
        " '2026-06-30 10:00+00', '0190b8a0-0000-7000-8000-000000000000', '\\xdeadbeef', 'null',"
        " '[]', 'sad'"
    ),
    ", ".join("NULL" for _ in TYPES),
)


@pytest.fixture(scope="module")
def captured(stack: Stack) -> Iterator[Captured]:
    captured = Captured(stack, ["public.things"])
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    try:
        captured.run(
            "CREATE TYPE mood AS ENUM ('sad', 'very happy')",
            f"CREATE TABLE things (id bigint PRIMARY KEY, {columns})",
            *(f"INSERT INTO things VALUES ({at}, {row})" for at, row in enumerate(ROWS)),
        )
        captured.start()
        captured.captured(
            *(f"INSERT INTO things VALUES ({10 + at}, {row})" for at, row in enumerate(ROWS))
        )
        yield captured
    finally:
        captured.close()


def compiled(captured: Captured, table: Table) -> CompiledModel:
    shown = ", ".join(f"t.{column.name}" for column in table.columns)
    model = ModelFile("m.sql", f"SELECT {shown} FROM shop.things t")
    tables = {"shop": {table.name: table}}
    fields = fields_given(model, [captured.source], tables)
    contract = Contract((Field("id", Integer(), required=True),), fields, None, "", {})
    file = ContractFile("c.yaml", {}, {}, StreamOptions())
    port = Port("sales", "p", "p", 1, "1.0.0", "active", file, model)
    return compile_model(port, contract, [captured.source], tables)


def stored(table: Table, rows: list[dict[str, Any]]) -> apsw.Connection:
    state = apsw.Connection(":memory:")
    functions.register(state)
    columns = ", ".join(f"{quote(one.name)} {column_ddl(one.type)}" for one in table.columns)
    state.execute(f"CREATE TABLE {table_name(table.name)} ({columns}, PRIMARY KEY (id))")
    state.execute("CREATE TEMP TABLE wanted (k0)")
    places = ", ".join("?" for _ in table.columns)
    for row in rows:
        values = []
        for one in table.columns:
            normalise = normaliser(one.type, one.database_type)
            value = row[one.name]
            values.append(value if value is None or normalise is None else normalise(value))
        state.execute(f"INSERT INTO {table_name(table.name)} VALUES ({places})", values)
        state.execute("INSERT INTO temp.wanted VALUES (?)", (row["id"],))
    return state


def test_values_are_the_databases(captured: Captured) -> None:
    (table,) = introspect(captured.session, captured.source)
    assert {one.name for one in table.columns if one.type is None} == set()
    records = captured.wait(
        lambda found: sum(one.kind in ("r", "c") for one in found) == 2 * len(ROWS)
    )
    rows = [one.value["after"] for one in records if one.kind in ("r", "c")]
    model = compiled(captured, table)
    state = stored(table, rows)
    given = {
        key: canonical(json.loads(document), model.fields)
        for key, document in state.execute(model.evaluate)
    }
    expected = dict(captured.session.execute(preview_all(model)).fetchall())
    assert expected.keys() == given.keys()
    for key, document in expected.items():
        assert given[key] == document, key
