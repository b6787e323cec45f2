"""The views: their rows are those of the files and of the catalog, JSON taken apart."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.records import LineageRecord, SourceRecord, SourceTableRecord
from streammesh.documents.files import source_text
from streammesh.documents.names import Names
from streammesh.documents.policy_files import read_policy
from streammesh.policies.fences import FUNCTIONS
from streammesh.policies.judging import judge
from streammesh.policies.sandbox import Sandbox
from streammesh.policies.state import MeshState
from streammesh.policies.views import VIEWS
from tests.conformance.catalogs import product, version
from tests.unit.policies.meshes import TODAY, copy, edit, state_of, told

DOCS = Path(__file__).parents[3] / "docs" / "policies.md"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return copy(tmp_path_factory.mktemp("mesh") / "shop")


def ask(state: MeshState, sql: str) -> list[tuple]:
    box = Sandbox(VIEWS)
    prepared = box.prepare(sql)
    for name in prepared.views:
        box.fill(name, VIEWS[name].rows(state))
    found = list(box.run(prepared))
    box.close()
    return found


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_rows_have_the_columns(root, view):
    rows = list(view.rows(state_of(told(root))))
    assert all(len(row) == len(view.columns) for row in rows)
    assert rows or view.name in (
        "lineage",
        "notices",
        "notice_answers",
        "product_dependencies",
        "source_columns",
        "product_tags",
    )
    kinds = {"TEXT": str, "INTEGER": int, "REAL": float}
    for column, value in ((c, v) for row in rows for c, v in zip(view.columns, row, strict=True)):
        assert value is None or isinstance(value, kinds[column.type]), (view.name, column, value)


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_only_the_tables_that_it_names_are_read(root, view):
    state = state_of(told(root))
    list(view.rows(state))
    assert set(state._read) <= set(view.tables)


QUESTIONS = [
    ("SELECT date FROM today", [(TODAY,)]),
    ("SELECT subject, team, on_call_hours FROM domains", [("sales", "Sales platform", "24x7")]),
    (
        "SELECT subject, tier, quality, support_channel FROM products WHERE product = 'orders'",
        [("sales.orders", 1, "gold", "#sales-data")],
    ),
    (
        "SELECT cleanup, partitions, on_violation, max_bytes FROM stream_options"
        " WHERE asset = 'sales.customers.v1'",
        [("compact", 4, "quarantine", 900_000)],
    ),
    (
        "SELECT property, seconds, endless FROM sla WHERE asset = 'sales.orders.v1' ORDER BY 1",
        [("latency", 5.0, 0), ("retention", None, 1)],
    ),
    (
        "SELECT path, rule FROM quality_rules WHERE asset = 'sales.orders.v1'",
        [("status", "invalidValues")],
    ),
    (
        "SELECT name, classification, required, has_fields FROM fields"
        " WHERE subject = 'sales.orders.v1.lines[].product'",
        [("product", "public", 1, 0)],
    ),
    ("SELECT path FROM fields WHERE has_fields ORDER BY 1", [("customer",), ("lines",)]),
    (
        "SELECT classification FROM fields WHERE subject = 'sales.customers.v1.orders'",
        [("internal",)],
    ),
    ("SELECT retention_days, type FROM sources", [(7.0, "postgres")]),
    ("SELECT count(*), min(source) FROM source_tables", [(5, "sales.shop")]),
    (
        "SELECT consumer, product, owner_domain, team, deliver_to FROM subscriptions",
        [("map", "sales.orders", "sales", "Maps", "postgres")],
    ),
    (
        "SELECT subject, path, classification FROM subscription_fields",
        [("sales/towns", "customer.city", "confidential")],
    ),
    ("SELECT subject, subscriptions FROM consumers", [("sales/map", 1)]),
    ("SELECT newest, tier FROM versions WHERE asset = 'sales.orders.v1'", [(1, 1)]),
]


@pytest.mark.parametrize(("sql", "rows"), QUESTIONS)
def test_questions_have_their_answers(root, sql, rows):
    assert ask(state_of(told(root)), sql) == rows


def test_the_newest_version_is_not_a_retired_one(root):
    registered = told(root)
    (orders,) = (one for one in registered.versions if one.product == "orders")
    second = replace(orders, asset="sales.orders.v2", major=2)
    third = replace(orders, asset="sales.orders.v3", major=3, status="retired")
    state = state_of(replace(registered, versions=(orders, second, third)))
    assert ask(state, "SELECT asset FROM versions WHERE newest") == [("sales.orders.v2",)]


def test_what_the_catalog_knows_of_others_stands_beside_the_files(root):
    edge = LineageRecord(
        "sales.orders.v1", "status", "crm.people.v1", "", "name", "sales", "product"
    )
    registered = replace(told(root), lineage=(edge, replace(edge, field="customer.name")))
    known = {
        "products": [vars(replace(product("people", "crm"), tier="3"))],
        "versions": [vars(version("people", "crm"))],
        "dependencies": [{"asset": "crm.people.v1", "from_asset": "hr.staff.v2"}],
    }
    state = MeshState(registered, lambda names: {one: known.get(one, ()) for one in names}, TODAY)
    sql = "SELECT asset, tier, depends_on, depends_on_tier FROM product_dependencies ORDER BY 1"
    assert ask(state, sql) == [
        ("crm.people.v1", 3, "hr.staff.v2", None),
        ("sales.orders.v1", 1, "crm.people.v1", 3),
    ]


def test_answers_access_and_endings_are_those_of_the_catalog(root):
    said = {"notice": "n", "until": "2027-01-18", "made_at": "2026-11-23", "reason": "not now"}
    who = {"consumer": "sales/towns", "domain": "sales", "answer": "objected", "answered_at": ""}
    held = {"domain": "sales", "subscription": "towns", "asset": "sales.orders.v1"}
    known = {
        "notice_recipients": [{"asset": "sales.orders.v1", **said, **who}],
        "access": [{**held, "state": "granted"}, {**held, "asset": "other", "state": "denied"}],
        "statuses": [{"asset": "sales.orders.v1", "status": "active"}],
    }
    registered = told(root)
    versions = tuple(replace(one, status="retired") for one in registered.versions)
    registered = replace(registered, versions=versions)
    state = MeshState(registered, lambda names: {one: known.get(one, ()) for one in names}, TODAY)
    sql = "SELECT subject, product, consumer, answer, reason, answered_at FROM notice_answers"
    assert ask(state, sql) == [
        ("sales.orders.v1", "sales.orders", "sales/towns", "objected", "not now", None)
    ]
    assert ask(state, "SELECT access FROM subscriptions") == [("granted",)]
    ends = [("sales.customers.v1", 0), ("sales.orders.v1", 1)]  # nobody has applied the other
    assert ask(state, "SELECT asset, ends FROM versions ORDER BY 1") == ends


LOG, GROUP = "_cdc.crm.others", Names().engine_principal("crm", "others")


def seen(group: str, principal: str = "", **said: object) -> dict[str, object]:
    row = {"asset": "sales.orders.v1", "group_name": group, "principal": principal, "lag": 3}
    row |= {"client_ids": "[]", "hosts": "[]", "members": 1, "beyond": False, "standing": True}
    return row | {"first_seen": "2026-11-01", "last_seen": "2026-11-22T10:00:00+00:00"} | said


def test_consumers_are_those_who_say_so_and_those_who_were_seen(root):
    known = {
        "sources": [vars(SourceRecord("crm.others", "crm", "others", "products", LOG, 1, ""))],
        "source_tables": [vars(SourceTableRecord("crm.others", "sales.orders.v1", "crm", 0))],
        "observed_use": [
            seen("mesh.sales.map.a"),
            seen("mesh.sales.map.b", lag=9, last_seen="2026-11-20"),
            seen("test-1", standing=False, lag=None),
            seen(GROUP),
        ],
    }
    state = MeshState(told(root), lambda names: {one: known.get(one, ()) for one in names}, TODAY)
    sql = "SELECT subject, domain, consumer, subscriptions, declared, last_seen, lag, standing"
    assert ask(state, f"{sql} FROM consumers ORDER BY 1") == [
        ("sales.orders.v1", None, "group test-1", 0, 0, "2026-11-22T10:00:00+00:00", None, 0),
        ("sales/map", "sales", "map", 1, 1, "2026-11-22T10:00:00+00:00", 9, 1),
    ]
    nobody = state_of(told(root))
    assert ask(nobody, "SELECT declared, last_seen, lag, standing FROM consumers") == [
        (1, None, None, 0)
    ]


def test_a_tier_that_is_no_number_is_none(tmp_path):
    root = copy(tmp_path / "shop")
    edit(root, "orders/dataproduct.odps.yaml", "tier: 1", "tier: top")
    state = state_of(told(root))
    assert ask(state, "SELECT tier FROM products WHERE product = 'orders'") == [(None,)]


def test_the_policy_of_the_page_is_one(root):
    text = re.search(r"```yaml\n(apiVersion.*?)```", DOCS.read_text(), re.DOTALL)[1]
    source = source_text("policies/no-single-partition.policy.yaml", text.encode())
    one = read_policy(source, "", "no-single-partition")
    found = judge([one], state_of(told(root)), None)
    assert (found.failed, found.violations) == ({}, ())
    assert [each.exception.owner for each in found.allowances] == ["Ann of Sales platform"]


def test_the_page_has_every_view_with_its_columns():
    found = {
        name: re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        for name, section in re.findall(
            r"^### `(\w+)`\n(.*?)(?=^##|\Z)", DOCS.read_text(), re.MULTILINE | re.DOTALL
        )
    }
    assert found == {one.name: [each.name for each in one.columns] for one in VIEWS.values()}


def test_the_page_has_every_function():
    listed = re.search(r"calls only\n\n((?:    .*\n)+)", DOCS.read_text())[1]
    assert listed.split() == sorted(FUNCTIONS)
