"""docs/types.md says of each column type what models and contracts take it for."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import uuid
from typing import Any

import fastavro
import pytest

from streammesh.contracts import avro
from streammesh.contracts.assign import assignable
from streammesh.contracts.contract import Contract
from streammesh.contracts.property_types import scalar
from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Array, Field, Integer, Record, Type
from streammesh.models.postgres_types import column_type
from tests.unit.contracts.test_types_document import PAGE, split

HEADING = "| column | in a model | in the state | contract | Avro |\n|---|---|---|---|---|\n"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" |")]
    for line in PAGE.split(HEADING)[1].split("\n\n")[0].splitlines()
]
COLUMNS = [(name, row) for row in ROWS for name in split(row[0])]


@pytest.mark.parametrize(("column", "row"), COLUMNS, ids=[name for name, _ in COLUMNS])
def test_a_column_is_what_the_page_says(column: str, row: list[str]) -> None:
    _, spelled, _, contract, written = row
    given = column_type(column)
    assert given is not None
    assert spell(given) == spelled.replace("20 characters", f"{_size(column)} characters")
    promised = _promised(*split(contract))
    assert assignable(given, promised) is None
    assert json.loads(_schema(promised))["fields"][1]["type"] == json.loads(written.strip("`"))


def _size(column: str) -> str:
    return column.partition("(")[2].rstrip(")") or "20"


def _promised(logical: str, physical: str) -> Type:
    if logical != "array":
        return scalar("a", {"logicalType": logical, "physicalType": physical})
    kinds = {"integer": "integer", "timestamptz": "timestamp"}
    said = {"logicalType": kinds.get(physical, "string"), "physicalType": physical}
    return Array(scalar("a", said))


def _schema(kind: Type) -> str:
    key = Field("id", Integer(), required=True)
    fields = Record((key, Field("a", kind, required=True)))
    return avro.value_schema(Contract((key,), fields, None, "", {}), "t")


READ = {
    "decimal(12,2)": ("number", "decimal(12,2)", decimal.Decimal("1.50"), "Decimal"),
    "date": ("date", "date", datetime.date(2026, 1, 31), "date"),
    "time": ("time", "time", datetime.time(10, 0, 0, 1), "time"),
    "uuid": ("string", "uuid", uuid.UUID(int=1), "UUID"),
    "bytes": ("string", "bytea", b"x", "bytes"),
    "timestamp without time zone": (
        "timestamp",
        "timestamp",
        datetime.datetime(2026, 1, 31),
        "datetime",
    ),
    "timestamp with time zone": (
        "timestamp",
        "timestamptz",
        datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC),
        "datetime in UTC",
    ),
}


@pytest.mark.parametrize("name", READ)
def test_python_reads_what_the_page_says(name: str) -> None:
    logical, physical, value, said = READ[name]
    assert f"| {name} | {said} |" in PAGE
    schema = fastavro.parse_schema(json.loads(_schema(_promised(logical, physical))))
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, {"id": 1, "a": value})
    out.seek(0)
    read: Any = fastavro.schemaless_reader(out, schema, None)
    assert read["a"] == value
    assert type(read["a"]) is type(value)
