"""Files of the standards, judged alone: as the official JSON Schema judges them."""

import copy
import importlib.resources
import json
from typing import Any

import jsonschema_rs
import pytest

from streammesh.documents.contract_schemas import contract_errors
from streammesh.documents.files import source_text
from streammesh.documents.product_schemas import product_errors
from streammesh.documents.yaml import parse
from streammesh.errors import MeshError
from streammesh.errors import documents as errors

OFFICIAL = json.loads(
    (importlib.resources.files("open_data_contract_standard") / "schema.json").read_text()
)

CONTRACT: dict[str, Any] = {
    "apiVersion": "v3.2.0",
    "kind": "DataContract",
    "id": "trips",
    "version": "2.1.0",
    "status": "active",
    "name": "Trips",
    "description": {"purpose": "Rides", "usage": "Any", "limitations": "None"},
    "tags": ["bikes"],
    "contractCreatedTs": "2026-01-31T10:00:00Z",
    "servers": [
        {"server": "p", "type": "kafka", "host": "k.example.com:9092", "format": "avro"},
        {"server": "q", "type": "postgres", "host": "h", "port": 1, "database": "d", "schema": "s"},
    ],
    "schema": [
        {
            "name": "trip",
            "logicalType": "object",
            "properties": [
                {"name": "id", "logicalType": "integer", "primaryKey": True, "required": True},
                {
                    "name": "bike",
                    "logicalType": "string",
                    "logicalTypeOptions": {"maxLength": 9, "pattern": "^[A-Z]+$"},
                    "quality": [
                        {"type": "library", "metric": "nullValues", "mustBe": 0},
                        {"type": "sql", "query": "SELECT 1", "mustBeLessThan": 3},
                    ],
                    "relationships": [{"to": "bikes.id"}],
                },
                {"name": "stops", "logicalType": "array", "items": {"logicalType": "string"}},
                {"name": "start", "logicalType": "date", "examples": ["2026-01-31"]},
                {"name": "kind", "logicalType": "string", "enum": [{"value": "a"}, {"value": "b"}]},
            ],
        }
    ],
    "slaProperties": [{"property": "latency", "value": 5, "unit": "s"}],
    "team": {"name": "t", "members": [{"username": "me", "dateIn": "2026-01-01"}]},
    "roles": [{"role": "reader", "access": "read"}],
    "support": [{"channel": "c", "url": "https://example.com"}],
    "price": {"priceAmount": 1, "priceCurrency": "EUR"},
    "customProperties": [{"property": "stream", "value": {"partitions": 4}}],
}
P = ("schema", 0, "properties")
CHANGES: list[tuple[tuple[str | int, ...], Any]] = [
    *[((name,), None) for name in ("apiVersion", "kind", "id", "version", "status", "schema")],
    *[((name,), "x") for name in ("kind", "team", "schema", "servers", "tags", "price", "status")],
    *[((name,), 1) for name in ("id", "version", "name", "description", "support", "roles")],
    *[((name,), []) for name in ("id", "schema", "team", "customProperties", "price")],
    (("unknown",), 1),
    (("description", "unknown"), 1),
    (("servers", 0, "type"), "carrier-pigeon"),
    (("servers", 0, "host"), None),
    (("servers", 1, "port"), "${PORT}"),
    (("servers", 1, "database"), None),
    ((*P, 0, "logicalType"), "int"),
    ((*P, 0, "primaryKey"), "yes"),
    ((*P, 0, "name"), None),
    ((*P, 0, "requird"), True),
    ((*P, 1, "logicalTypeOptions", "maxLenght"), 1),
    ((*P, 1, "logicalTypeOptions", "maxLength"), -1),
    ((*P, 1, "quality", 0, "metric"), "nulls"),
    ((*P, 1, "quality", 0, "mustNotBe"), 3),
    ((*P, 1, "quality", 0, "mustBe"), None),
    ((*P, 1, "quality", 1, "query"), None),
    ((*P, 1, "relationships", 0, "from"), "a.b"),
    ((*P, 1, "relationships", 0, "to"), "nowhere"),
    ((*P, 2, "items"), "string"),
    ((*P, 4, "enum"), []),
    ((*P, 4, "enum", 1, "value"), "a"),
    (("slaProperties", 0, "value"), None),
    (("slaProperties", 0, "value"), True),
    (("team", "members", 0, "username"), None),
    (("team", "members", 0, "since"), "x"),
    (("roles", 0, "role"), None),
    (("support", 0, "url"), None),
    (("support", 0, "channel"), None),
    (("customProperties", 0, "property"), 3),
    (("customProperties", 0, "value"), [1, {"a": None}]),
]


def changed(document: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """Give a copy with one value set, or taken away for None."""
    result = copy.deepcopy(document)
    node: Any = result
    for step in path[:-1]:
        node = node[step]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return result


def judged(document: Any) -> list[MeshError]:
    parsed = parse(source_text("f.yaml", json.dumps(document, indent=1).encode()))
    assert parsed.document == document
    errors = product_errors if "outputPorts" in document else contract_errors
    return errors(parsed)


def test_a_contract_with_most_of_the_standard_is_valid() -> None:
    assert judged(CONTRACT) == []


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=str)
def test_a_changed_contract_is_judged_as_the_official_schema_does(
    path: tuple[str | int, ...], value: Any
) -> None:
    document = changed(CONTRACT, path, value)
    found = judged(document)
    assert (not found) == jsonschema_rs.validator_for(OFFICIAL).is_valid(document)
    assert all(one.where and one.where.line and one.fix for one in found)


def test_an_older_contract_may_use_what_came_later_but_needs_its_status() -> None:
    document = {**CONTRACT, "apiVersion": "v3.1.0"}
    assert judged(document) == []
    (error,) = judged(changed(document, ("status",), None))
    assert (type(error), error.fields["name"]) == (errors.MissingField, "status")


@pytest.mark.parametrize("version", ["v3.0.0", "v3.0.1", "v3.0.2"])
def test_version_3_0_lets_some_parts_have_more_fields(version: str) -> None:
    document = {name: CONTRACT[name] for name in ("kind", "id", "version", "status")}
    document |= {"apiVersion": version, "roles": [{"role": "reader", "colour": "red"}]}
    assert judged(document) == []
    (error,) = judged(changed(document, ("roles", 0, "access"), 1))
    assert isinstance(error, errors.WrongShape)
    (error,) = judged({**document, "apiVersion": "v3.1.0"})
    assert isinstance(error, errors.UnknownField)


@pytest.mark.parametrize(
    "document",
    [
        {"apiVersion": "v2.2.2", "kind": "DataContract", "uuid": "x", "dataset": []},
        {"kind": "DataContract", "uuid": "x", "dataset": []},
        {"apiVersion": "2.3.0", "datasetName": "x"},
    ],
)
def test_version_2_is_refused_with_the_way_to_version_3(document: dict[str, Any]) -> None:
    (error,) = judged(document)
    assert isinstance(error, errors.OldContract)
    assert "`columns` are `properties`" in (error.fix or "")


def test_a_version_to_come_is_refused_once() -> None:
    (error,) = judged({**CONTRACT, "apiVersion": "v4.0.0"})
    assert "v4.0.0" in error.what


PRODUCT: dict[str, Any] = {
    "apiVersion": "v1.0.0",
    "kind": "DataProduct",
    "id": "p",
    "status": "in the making",
    "outputPorts": [{"name": "o", "version": "1.0.0", "sbom": [{"url": "https://example.com"}]}],
    "inputPorts": [{"name": "i", "version": "1", "contractId": "c"}],
    "managementPorts": [{"name": "m", "content": "control", "type": "topic"}],
    "support": [{"channel": "c", "url": "https://example.com"}],
    "team": {"name": "t", "members": [{"username": "me"}]},
    "tags": ["a"],
    "productCreatedTs": "2026-01-31T00:00:00Z",
}


@pytest.mark.parametrize(
    ("path", "value", "valid"),
    [
        (("name",), "n", True),
        (("status",), None, False),
        (("status",), 1, False),
        (("kind",), "Product", False),
        (("apiVersion",), "v0.9.0", True),
        (("apiVersion",), "v7.0.0", False),
        (("type",), "aggregate", False),
        (("outputPorts", 0, "version"), None, False),
        (("outputPorts", 0, "version"), 1, False),
        (("outputPorts", 0, "sbom", 0, "url"), None, False),
        (("outputPorts", 0, "synonyms"), [], False),
        (("outputPorts", 0, "contractId"), "x", True),
        (("inputPorts", 0, "contractId"), None, False),
        (("inputPorts", 0, "version"), None, False),
        (("managementPorts", 0, "content"), None, False),
        (("support", 0, "url"), None, False),
        (("team",), [{"username": "me"}], False),
        (("team", "members", 0, "username"), None, False),
        (("team", "lead"), "x", False),
        (("tags",), "a", False),
        (("productCreatedTs",), 1, False),
    ],
)
def test_a_product_is_judged_by_the_version_that_it_names(
    path: tuple[str | int, ...], value: Any, valid: bool
) -> None:
    found = judged(changed(PRODUCT, path, value))
    assert (not found) == valid
    assert all(one.where and one.where.line and one.fix for one in found)


def test_a_product_of_1_1_may_have_what_1_0_may_not() -> None:
    newer = {**PRODUCT, "apiVersion": "v1.1.0", "type": "aggregate", "synonyms": [{"synonym": "x"}]}
    assert judged(newer) == []
    assert judged({**newer, "apiVersion": "v1.0.0"})
    assert judged({**PRODUCT, "apiVersion": "v0.9.0", "team": [{"name": "me"}]}) == []
