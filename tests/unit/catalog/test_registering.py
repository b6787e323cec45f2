"""From files and compiled models to what the catalog is told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.flattening import classification_of
from streammesh.catalog.kinds import Kind
from streammesh.catalog.records import LineageRecord, Registration
from streammesh.catalog.registering import registration
from streammesh.documents.names import Names
from streammesh.documents.values import ProductName
from streammesh.documents.workspace import load
from streammesh.models.postgres_types import column_type
from streammesh.models.tables import Column, Table, TableName
from streammesh.planning.wanting.build import build_all

SHOP = Path(__file__).parents[3] / "examples" / "shop"
COLUMNS = {
    "cities": "id integer;name text;country text",
    "customers": "id integer;name text;email text;city_id integer",
    "products": "id integer;name text",
    "orders": "id bigint;customer_id integer;status text;placed_at timestamp with time zone",
    "order_lines": "id bigint;order_id bigint;product_id integer;qty integer;price numeric(10,2)",
}
NAMES = Names("stage")


def table(name: str, columns: str) -> Table:
    pairs = [one.split(" ", 1) for one in columns.split(";")]
    nullable = {"city_id"}
    found = tuple(Column(one, kind, column_type(kind), one in nullable) for one, kind in pairs)
    return Table(TableName("public", name), found, ("id",))


TABLES = {("sales", "shop"): tuple(table(*one) for one in COLUMNS.items())}


@pytest.fixture(scope="module")
def told() -> Registration:
    workspace = load(SHOP)
    built, errors = build_all(workspace, NAMES, TABLES)
    assert errors == ()
    models = {
        ProductName(one.port.domain, one.port.product, one.port.name, one.port.major): one.model
        for one in built
    }
    return registration(workspace, NAMES, models, TABLES)


def test_every_kind_of_thing_is_there(told):
    assert {(one.kind, one.name) for one in told.assets} == {
        (Kind.SOURCE_DATABASE, "sales.shop"),
        (Kind.PRIVATE_LOG, "stage-_cdc.sales.shop"),
        (Kind.PRODUCT, "sales.orders"),
        (Kind.PRODUCT, "sales.customers"),
    }
    assert told.kept == frozenset()


def test_a_version_has_its_topic_in_the_environment_and_its_contract(told):
    one = next(one for one in told.versions if one.product == "orders")
    assert (one.asset, one.topic) == ("sales.orders.v1", "stage-sales.orders.v1")
    assert json.loads(one.contract)["id"] == "sales.orders.v1"


def test_fields_have_their_paths_types_and_meanings(told):
    fields = {one.path: one for one in told.fields if one.asset == "sales.orders.v1"}
    assert list(fields)[3:6] == ["customer", "customer.name", "customer.city"]
    assert fields["order_id"].key
    assert fields["lines"].type == "array of object"
    amount = fields["lines[].amount"]
    assert (amount.type, amount.unit, amount.required) == ("decimal(12,2)", "EUR", True)
    assert fields["customer.name"].classification == "confidential"


def edges(told: Registration) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for one in told.lineage:
        if one.asset == "sales.orders.v1":
            found.setdefault(one.field, set()).add((one.from_table, one.from_column))
    return found


def test_lineage_goes_to_columns(told):
    lines = {("public.order_lines", "qty"), ("public.order_lines", "price")}
    assert edges(told)["lines[].amount"] == lines
    assert edges(told)["customer.city"] == {("public.cities", "name")}
    assert {one.from_asset for one in told.lineage} == {"sales.shop"}


def test_what_a_model_only_joins_by_is_of_the_whole_document(told):
    assert ("public.orders", "customer_id") in edges(told)[""]
    assert ("public.cities", "name") not in edges(told)[""]


def test_what_could_not_be_worked_out_is_kept():
    told = registration(load(SHOP), NAMES, {}, {})
    assert told.kept == {"sales.orders.v1", "sales.customers.v1", "sales.shop"}
    assert (told.lineage, told.source_columns) == ((), ())
    assert "" not in told.scope


POLICY = """apiVersion: streammesh/v1
kind: Policy
name: NAME
description: No product is of tier 9.
owner: { team: Governance, email: governance@example.com }
severity: warn
message: "{subject} is of tier 9"
query: SELECT subject FROM products WHERE tier = 9
"""


def test_policies_are_of_their_folder(tmp_path):
    root = tmp_path / "shop"
    shutil.copytree(SHOP, root, ignore=shutil.ignore_patterns(".mesh"))
    for folder, name in (("domains/sales/policies", "pii"), ("policies", "naming")):
        (root / folder).mkdir()
        (root / folder / f"{name}.policy.yaml").write_text(POLICY.replace("NAME", name))
    told = registration(load(root), NAMES, {}, {})
    assert [(one.domain, one.policy, one.file) for one in told.policies] == [
        ("", "naming", "policies/naming.policy.yaml"),
        ("sales", "pii", "domains/sales/policies/pii.policy.yaml"),
    ]
    assert told.scope == {"sales", ""}
    shutil.rmtree(root / "policies")
    assert registration(load(root), NAMES, {}, {}).scope == {"sales"}


def test_no_secret_and_no_address_is_told(told):
    text = repr(replace(told, lineage=()))
    assert "SHOP_DATABASE_URL" not in text
    assert all(isinstance(one, LineageRecord) for one in told.lineage)


@pytest.mark.parametrize(
    ("own", "inner", "found"),
    [
        ("", "internal", "internal"),
        ("internal", "", "internal"),
        ("internal", " Restricted", "Restricted"),
        ("restricted", "internal", "restricted"),
        ("", "", ""),
    ],
)
def test_a_list_of_what_is_restricted_is_restricted(own, inner, found):
    said = {"classification": own, "items": {"items": {"classification": inner}}}
    assert classification_of(said) == found
