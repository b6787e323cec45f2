"""Sample events show everybody what everybody may see, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from streammesh.catalog.masking import masked
from streammesh.catalog.samples import made, real

STRING = {"logicalType": "string"}
INNER = [
    {"name": "name", **STRING, "classification": "confidential", "examples": ["Ann Real"]},
    {"name": "city", **STRING, "classification": "internal"},
]
PROPERTIES: list[dict[str, Any]] = [
    {"name": "id", "logicalType": "integer", "primaryKey": True, "required": True},
    {"name": "mail", **STRING, "classification": " Restricted ", "primaryKey": True}
    | {"required": True},
    {"name": "customer", "logicalType": "object", "properties": INNER},
    {"name": "lines", "logicalType": "array", "items": {"logicalType": "object"}},
    {"name": "byname", "logicalType": "map", "map": {"key": STRING, "value": {}}},
]
PROPERTIES[3]["items"] = PROPERTIES[4]["map"]["value"] = {
    "logicalType": "object",
    "properties": INNER,
}
CONTRACT = {"schema": [{"name": "b", "logicalType": "object", "properties": PROPERTIES}]}
PERSON = {"name": "Bob", "city": "Ulm"}
HIDDEN = {"name": "<confidential>", "city": "Ulm"}
DOCUMENT = {
    "id": 4,
    "mail": "bob@example.com",
    "customer": PERSON,
    "lines": [PERSON, PERSON],
    "byname": {"a": PERSON},
}


def test_closed_fields_are_masked_wherever_they_stand() -> None:
    assert masked(DOCUMENT, PROPERTIES) == {
        "id": 4,
        "mail": "<Restricted>",
        "customer": HIDDEN,
        "lines": [HIDDEN, HIDDEN],
        "byname": {"a": HIDDEN},
    }


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({}, "x"),
        ({"classification": "Public"}, "x"),
        ({"classification": "internal", "tags": ["billing"]}, "x"),
        ({"classification": "personal"}, "<personal>"),
        ({"classification": "tribal"}, "<tribal>"),
        ({"classification": "internal", "tags": ["billing", "PII"]}, "<pii>"),
        ({"classification": "secret", "properties": [{"name": "y"}]}, "<secret>"),
        ({"items": {"classification": "confidential"}}, "<confidential>"),
        ({"map": {"key": {"classification": "confidential"}, "value": {}}}, "<confidential>"),
    ],
)
def test_the_contract_says_what_is_closed(said: dict[str, Any], shown: str) -> None:
    assert masked({"a": "x"}, [{"name": "a", **said}]) == {"a": shown}


def test_whatever_is_closed_is_masked_whole() -> None:
    """Neither that there is no value is told, nor how many, nor the keys of a map."""
    closed = {"name": "a", "classification": "confidential"}
    for value in (None, [1, 2], {"b": 1}):
        assert masked({"a": value}, [closed]) == {"a": "<confidential>"}
    keys = {"name": "a", "map": {"key": {"classification": "confidential"}, "value": {}}}
    assert masked({"a": {"bob": 1}}, [keys]) == {"a": "<confidential>"}


def test_what_the_contract_does_not_know_is_masked() -> None:
    assert masked({"a": 1, "b": "bob"}, [{"name": "a"}]) == {"a": 1, "b": "<not in the contract>"}


def test_an_event_of_the_topic_is_masked_in_key_and_value() -> None:
    event = {
        "key": {"id": 4, "mail": "bob@example.com"},
        "value": DOCUMENT,
        "headers": {"mesh.tx": "7", "ce_subject": "bob@example.com"},
        "partition": 1,
        "offset": 5,
        "time": "2026-01-31T10:00:00.000Z",
    }
    found = real(event, CONTRACT)
    assert (found.source, found.why) == ("topic", "")
    assert found.event["key"] == {"id": 4, "mail": "<Restricted>"}
    assert found.event["headers"] == {"mesh.tx": "7"}
    assert "bob" not in str(found).lower()


def test_an_event_of_the_contract_is_masked_as_well() -> None:
    """Examples may have been copied from what is real."""
    found = made(CONTRACT, "it is retired")
    assert (found.source, found.why) == ("contract", "it is retired")
    assert found.event["key"] == {"id": 1, "mail": "<Restricted>"}
    assert found.event["value"]["customer"] == {"name": "<confidential>", "city": "text"}


def test_a_draft_without_fields_has_an_empty_event() -> None:
    for contract in ({}, {"schema": []}, {"schema": [{"name": "b"}]}):
        assert made(contract, "").event == {}
