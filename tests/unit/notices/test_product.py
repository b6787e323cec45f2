"""`mesh.notices` keeps what products promise, and changes as products may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streammesh.catalog.completeness import completeness
from streammesh.documents.names import Names
from streammesh.documents.product_schemas import product_errors
from streammesh.documents.yaml import parse
from streammesh.errors.platform import SchemaIncompatible
from streammesh.notices import product
from streammesh.platform.memory.registry import MemoryRegistry

GOLDEN = Path(__file__).parent / "golden"
VALUE = "mesh.notices.v1-value"


def first(part: str) -> str:
    """Give the schema of the first version, by which events were written."""
    return (GOLDEN / f"notices.v1.0.0-{part}.avsc").read_text().strip()


@pytest.fixture
def registry():
    found = MemoryRegistry()
    for part in ("key", "value"):
        found.set_compatibility(f"mesh.notices.v1-{part}", "FULL_TRANSITIVE")
        found.register(f"mesh.notices.v1-{part}", first(part))
    return found


def test_it_lacks_nothing_that_an_active_product_has():
    domain = product.domain({"team": "Platform", "email": "platform@example.com"})
    [found] = domain.products
    assert found.document["status"] == "active"
    assert completeness(found, domain) == ()


def test_its_document_is_one_of_the_standard():
    assert product_errors(parse(product._text("dataproduct.odps.yaml"))) == []


def test_help_is_where_its_owner_is():
    owner = {"team": "Platform", "email": "p@example.com", "chat": "#platform"}
    [found] = product.domain(owner).products
    assert found.document["support"] == [{"channel": "#platform", "url": "mailto:p@example.com"}]


def test_its_key_never_changes_and_its_value_only_as_old_readers_and_writers_can_bear(registry):
    key, value = product.schemas(Names())
    assert key == first("key")
    registry.register(VALUE, value)  # refuses what breaks


def test_it_can_get_a_field_and_can_not_lose_one(registry):
    schema = json.loads(product.schemas(Names())[1])
    more = {"name": "link", "type": ["null", "string"], "default": None}
    registry.register(VALUE, json.dumps(schema | {"fields": [*schema["fields"], more]}))
    with pytest.raises(SchemaIncompatible):
        registry.register(VALUE, json.dumps(schema | {"fields": schema["fields"][1:]}))


def test_an_environment_has_schemas_of_its_own():
    key, _ = product.schemas(Names("stage"))
    assert json.loads(key)["namespace"] == "stage_mesh.notices.v1"
