"""What may be called a product; each rule broken alone, in the example's files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streammesh.catalog.completeness import Finding, completeness
from streammesh.documents.workspace import load

SHOP = Path(__file__).parents[3] / "examples" / "shop"
FOLDER = "domains/sales/products/customers"
DOMAIN, CONTRACT = "domains/sales/domain.yaml", f"{FOLDER}/customers.v1.odcs.yaml"
PRODUCT = f"{FOLDER}/dataproduct.odps.yaml"

WHOLE = """apiVersion: v3.1.0
kind: DataContract
id: sales.customers.v1
version: 1.0.0
status: active
schema:
  - name: customer
    physicalName: sales.customers.v1
    logicalType: object
    properties:
      - name: customer_id
        logicalType: integer
        primaryKey: true
        required: true
        description: Number.
        classification: internal
      - name: home
        logicalType: object
        description: Where.
        properties:
          - { name: city, logicalType: string, description: Town., classification: confidential }
      - name: orders
        logicalType: array
        description: Numbers.
        items: { logicalType: integer, classification: internal }
slaProperties:
  - { property: latency, value: 5, unit: s }
  - { property: retention, value: unlimited }
"""


@pytest.fixture
def root(tmp_path):
    """Give a workspace in which sales.customers lacks nothing."""
    shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns(".mesh"))
    root = tmp_path / "shop"
    (root / CONTRACT).write_text(WHOLE)
    edit(root, PRODUCT, "tier: 2, quality: silver", "tier: 1, quality: gold")
    return root


def edit(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new))


def findings(root: Path) -> list[Finding]:
    sales = load(root).domains["sales"]
    product = next(one for one in sales.products if one.name == "customers")
    return list(completeness(product, sales))


def test_what_is_whole_has_no_finding(root):
    assert findings(root) == []


SUPPORT = """support:
  - { channel: "#sales-data", url: "https://chat.example.com/sales-data", tool: slack }
"""
BREAKS = [
    ("on-call", DOMAIN, 'contact: "tel:+49-30-5550100"', 'contact: " "', "domain.yaml"),
    ("owner-team", DOMAIN, "team: Sales platform", 'team: " "', "domain.yaml"),
    ("purpose", PRODUCT, "  purpose:", "  limitations:", "dataproduct.odps.yaml:8"),
    ("support", PRODUCT, SUPPORT, "", "dataproduct.odps.yaml"),
    ("quality", PRODUCT, "quality: gold", "quality: shiny", "dataproduct.odps.yaml"),
    ("tier", PRODUCT, "tier: 1, ", "", "dataproduct.odps.yaml"),
    ("sla-latency", CONTRACT, "property: latency", "property: delay", "odcs.yaml:27"),
    ("sla-retention", CONTRACT, "property: retention", "property: kept", "odcs.yaml:27"),
    ("field-described", CONTRACT, "description: Town., ", "", "odcs.yaml:21"),
    ("field-described", CONTRACT, "        description: Where.\n", "", "odcs.yaml:17"),
    ("field-classified", CONTRACT, ", classification: confidential", "", "odcs.yaml:21"),
    ("field-classified", CONTRACT, "integer, classification: internal", "integer", "yaml:22"),
]


@pytest.mark.parametrize(("name", "file", "old", "new", "where"), BREAKS)
def test_each_rule_alone_and_its_place(root, name, file, old, new, where):
    edit(root, file, old, new)
    (found,) = findings(root)
    assert (found.name, found.stops) == (name, True)
    assert where in str(found.where)
    assert found.what
    assert found.fix


def test_a_draft_may_lack_what_an_active_product_may_not(root):
    edit(root, CONTRACT, "description: Town., ", "")
    edit(root, PRODUCT, "quality: gold", "quality: shiny")
    assert [one.stops for one in findings(root)] == [True, True]
    edit(root, CONTRACT, "status: active", "status: draft")
    assert {one.name: one.stops for one in findings(root)} == {
        "quality": True,
        "field-described": False,
    }
    edit(root, PRODUCT, "status: active", "status: draft")
    assert [one.stops for one in findings(root)] == [False, False]


def test_a_tier_below_the_first_needs_nobody_on_call(root):
    edit(root, DOMAIN, 'contact: "tel:+49-30-5550100"', 'contact: " "')
    edit(root, PRODUCT, "tier: 1", "tier: 2")
    assert findings(root) == []


def test_the_example_lacks_nothing():
    sales = load(SHOP).domains["sales"]
    assert [one for product in sales.products for one in completeness(product, sales)] == []
