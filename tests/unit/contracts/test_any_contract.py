"""Random contracts: one schema each, to the byte, that is Avro and can grow by options."""

import json
import random
from typing import Any

import fastavro
from hypothesis import given, settings
from hypothesis import strategies as st

from streammesh.contracts import avro
from streammesh.contracts.contract import read
from streammesh.documents.files import source_text
from streammesh.documents.port_files import PortName, read_contract
from streammesh.platform.avro_compatibility import breaks

PLAIN: list[dict[str, Any]] = [
    {"logicalType": "string"},
    {"logicalType": "string", "logicalTypeOptions": {"maxLength": 4, "minLength": 1}},
    {"logicalType": "string", "physicalType": "UUID"},
    {"logicalType": "string", "physicalType": "bytea"},
    {"logicalType": "integer", "logicalTypeOptions": {"format": "u8", "maximum": 9}},
    {"logicalType": "number", "physicalType": "numeric( 20 , 3 )"},
    {"logicalType": "number", "physicalType": "float"},
    {"logicalType": "boolean"},
    {"logicalType": "date"},
    {"logicalType": "time"},
    {"logicalType": "timestamp", "logicalTypeOptions": {"timezone": True}},
    {"logicalType": "object", "physicalType": "json"},
    {"logicalType": "vector", "logicalTypeOptions": {"dimensions": 3}},
    {
        "logicalType": "string",
        "enum": [{"value": "b"}, {"value": "a"}],
        "customProperties": [{"property": "stream", "value": {"avro": "enum"}}],
    },
]
NAMES = st.from_regex(r"\A[a-z][a-z0-9]{0,6}\Z").filter(lambda name: name not in {"key", "value"})
OPTIONAL = st.fixed_dictionaries(
    {}, optional={"required": st.booleans(), "description": st.text("aß\"'", max_size=4)}
)


def _with(base: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(base, OPTIONAL).map(lambda parts: {**parts[0], **parts[1]})


def _object(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    named = st.lists(st.tuples(NAMES, inner), min_size=1, max_size=3, unique_by=lambda one: one[0])
    return named.map(
        lambda parts: {
            "logicalType": "object",
            "properties": [{"name": name, **said} for name, said in parts],
        }
    )


PROPERTIES = st.recursive(
    _with(st.sampled_from(PLAIN)),
    lambda inner: _with(
        _object(inner)
        | inner.map(lambda items: {"logicalType": "array", "items": items})
        | inner.map(
            lambda value: {
                "logicalType": "map",
                "map": {"key": {"logicalType": "string"}, "value": value},
            }
        )
    ),
    max_leaves=5,
)
KEY = {"name": "id", "logicalType": "integer", "primaryKey": True, "required": True}


def _schemas(properties: list[dict[str, Any]], seed: int) -> tuple[str, str]:
    """Give key and value schema of a contract whose mappings have their keys in some order."""
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "a.b.v1",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": "b", "logicalType": "object", "properties": [KEY, *properties]}],
    }
    text = json.dumps(_shuffled(document, random.Random(seed)))
    source = source_text("b.v1.odcs.yaml", text.encode())
    contract = read(read_contract(source, PortName("b", 1), "a.b.v1"))
    return avro.key_schema(contract, "a.b.v1"), avro.value_schema(contract, "a.b.v1")


def _shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        return [_shuffled(one, chance) for one in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    chance.shuffle(names)
    return {name: _shuffled(value[name], chance) for name in names}


@settings(max_examples=60, deadline=None)
@given(PROPERTIES, st.integers(0, 2**32))
def test_a_contract_has_one_schema_whatever_the_order_of_its_keys(
    said: dict[str, Any], seed: int
) -> None:
    first = _schemas([{"name": "x", **said}], 0)
    assert _schemas([{"name": "x", **said}], seed) == first
    for schema in first:
        fastavro.parse_schema(json.loads(schema))
        assert json.dumps(json.loads(schema), ensure_ascii=False, separators=(",", ":")) == schema
    assert first[0] == (
        '{"type":"record","name":"Key","namespace":"a.b.v1","fields":[{"name":"id","type":"long"}]}'
    )


@settings(max_examples=40, deadline=None)
@given(PROPERTIES)
def test_an_optional_property_can_be_added_and_taken_away(said: dict[str, Any]) -> None:
    without, alone = (json.loads(_schemas(one, 0)[1]) for one in ([], [{"name": "x", **said}]))
    optional = json.loads(_schemas([{"name": "x", **said, "required": False}], 0)[1])
    assert not breaks("FULL_TRANSITIVE", without, optional)
    assert bool(breaks("FULL_TRANSITIVE", without, alone)) is bool(said.get("required"))
