"""Whatever the standard allows to be written: a contract that works, or refusals with a fix."""

import json
import random

import pytest

from streammesh.contracts import avro
from streammesh.contracts.checking import problems
from streammesh.contracts.codec import Codec
from streammesh.contracts.contract import read
from streammesh.documents.files import source_text
from streammesh.documents.port_files import PortName, read_contract
from streammesh.errors import MeshError

HEAD = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "a.b.v1",
    "version": "1.0.0",
    "status": "active",
}
LOGICAL = [
    "string",
    "date",
    "timestamp",
    "time",
    "number",
    "integer",
    "object",
    "array",
    "boolean",
    "map",
    "vector",
]
PHYSICAL = [
    None,
    "",
    *[
        "uuid",
        "bytea",
        "jsonb",
        "text",
        "varchar(3)",
        "decimal(5,2)",
        "decimal",
        "real",
        "double",
        "float(53)",
        "int2",
        "int8",
    ],
    *[
        "timestamptz",
        "timestamp",
        "timetz",
        "date",
        "boolean",
        "decimal((",
        "char(0)",
        "numeric(99)",
        "text[]",
        "日",
    ],
]
NUMBERS: list[object] = [0, 1, -1, 0.5, 1e30, -1e300, 2**63, 10**40, 1e-300]
TEXTS: list[object] = [
    "",
    "2020-01-01",
    "12:00",
    "2020-01-01T00:00:00Z",
    "^a",
    "(",
    "0001-01-01",
    "i8",
    "u64",
]
WHOLE: list[object] = [0, 1, 2, 10**9]
OPTIONS: dict[str, list[object]] = {
    **dict.fromkeys(
        ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], NUMBERS + TEXTS
    ),
    "multipleOf": NUMBERS,
    **dict.fromkeys(["minLength", "maxLength", "minItems", "maxItems", "minProperties"], WHOLE),
    "pattern": TEXTS,
    "format": [*TEXTS, "f32", "f64", "uuid"],
    "timezone": [True, False],
    "defaultTimezone": ["UTC", "Mars/Base"],
    "uniqueItems": [True],
    "dimensions": [1, 3],
    "elementType": ["int8", "binary", "float16"],
    "required": [["a"], ["b"]],
}
ANY = [None, True, 0, -1, 0.5, 2**70, "", "a", "a b", [], ["a"], [None], [1, "a"], {}, {"a": 1}]
METRICS = ["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"]
PLAIN = {"logicalType": "string"}


def some(chance: random.Random, share: float) -> bool:
    return chance.random() < share


def odd(chance: random.Random, depth: int = 0) -> dict[str, object]:
    """Make up a property."""
    logical = chance.choice(LOGICAL if depth < 3 else LOGICAL[:6])
    said: dict[str, object] = {"logicalType": logical, "required": some(chance, 0.5)}
    if (physical := chance.choice(PHYSICAL)) is not None and some(chance, 0.6):
        said["physicalType"] = physical
    names = chance.sample(sorted(OPTIONS), chance.randrange(4))
    said["logicalTypeOptions"] = {name: chance.choice(OPTIONS[name]) for name in names}
    if some(chance, 0.3):
        arguments = {
            name: chance.choice(ANY) for name in ("validValues", "missingValues", "pattern")
        }
        rule = {"metric": chance.choice(METRICS), "mustBe": chance.choice([0, 1, "0"])}
        said["quality"] = [rule | {"arguments": arguments}]
    if some(chance, 0.3):
        options = {"avro": "enum", "unknown": chance.choice(ANY), "default": chance.choice(ANY)}
        kept = chance.sample(sorted(options), chance.randrange(4))
        value = {name: options[name] for name in kept}
        said["customProperties"] = [{"property": "stream", "value": value}]
    if logical == "array" and some(chance, 0.8):
        said["items"] = odd(chance, depth + 1)
    if logical == "map":
        said["map"] = {
            "key": chance.choice([PLAIN, odd(chance, 3)]),
            "value": odd(chance, depth + 1),
        }
    if logical == "object" and some(chance, 0.8):
        said["properties"] = [{"name": name, **odd(chance, depth + 1)} for name in ("a", "ß")]
    return said


@pytest.mark.parametrize("seed", range(20))
def test_an_odd_contract_works_or_is_refused(seed: int) -> None:
    chance, worked = random.Random(seed), 0
    for _ in range(40):
        worked += _judged({"name": "x", **odd(chance)})
    assert worked


def _judged(said: dict[str, object]) -> bool:
    key = {"name": "id", "logicalType": "integer", "primaryKey": True, "required": True}
    schema = {"name": "b", "logicalType": "object", "properties": [key, said]}
    text = json.dumps({**HEAD, "schema": [schema]}, ensure_ascii=False, indent=1)
    try:
        file = read_contract(
            source_text("b.v1.odcs.yaml", text.encode()), PortName("b", 1), "a.b.v1"
        )
    except MeshError:
        return False
    found = problems(file)
    for one in found:
        assert one.fix, one.what
        assert one.where is not None
        assert one.where.line > 10
    if not found:
        contract = read(file)
        schemas = avro.key_schema(contract, "t"), avro.value_schema(contract, "t")
        Codec(contract.fields, contract, ("id",), schemas[0], 1, schemas[1], 2, 1)
    return not found
