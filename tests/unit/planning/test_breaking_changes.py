"""Plans of the shop with a catalog: who is named, what stops, what goes through."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.uses import Use
from streammesh.cli import plan as plan_command
from streammesh.cli.main import run
from streammesh.contracts.changes.kinds import Kind
from streammesh.errors.catalog import CatalogTooNew, CatalogTooOld, CatalogUnreachable
from streammesh.errors.lifecycle import NotYet
from streammesh.errors.planning import (
    BreakingChangeGated,
    CleanupFixed,
    HistoryUnreadable,
    KeyChanged,
    PartitionsFixed,
)
from streammesh.planning.plan import Plan
from streammesh.planning.showing.as_values import as_dict
from streammesh.planning.showing.markdown import markdown
from streammesh.planning.showing.render import text
from streammesh.planning.weighing import changing
from tests.products_mesh import SAID
from tests.unit.planning.conftest import COLUMNS, Mesh, table
from tests.unit.planning.consumers_on_twins import (
    COUNTRY,
    NOW,
    STRANGER,
    catalogued,
    cents,
    optional,
    rename,
    subscribed,
    window,
)
from tests.unit.planning.products_on_twins import Mesh as ThreeDomains

GOLDEN = Path(__file__).parent / "golden"
ORDERS = "orders.v1.odcs.yaml"
OWNER = "product/sales.orders.v1"


@pytest.fixture
def shop(mesh: Mesh, tmp_path: Path) -> Mesh:
    """The shop with two consumers, each relying on other fields."""
    return subscribed(
        catalogued(mesh, tmp_path),
        orders_to_warehouse=("order_id", "customer.name"),
        revenue=("order_id", "lines[].amount"),
    )


def golden(plan: Plan, name: str) -> str:
    """Compare a plan, as text and as Markdown, with the files of that name."""
    shown = {"txt": text(plan, now=NOW) + "\n", "md": markdown(plan, now=NOW)}
    for kind, said in shown.items():
        path = GOLDEN / f"{name}.{kind}"
        if os.environ.get("GOLDEN") == "write":
            path.write_text(said, encoding="utf-8")
        assert said == path.read_text(encoding="utf-8")
    assert max(map(len, shown["txt"].splitlines())) <= 100
    return shown["txt"]


def names(plan: Plan) -> list[list[str]]:
    """Give for each change of the orders who relies on it."""
    return [[who.name for who in one.relied_on_by] for one in plan.changes[OWNER].changes]


def test_a_rename_names_exactly_who_relies_on_the_field(shop):
    rename(shop)
    plan = shop.plan()
    assert names(plan) == [["marketing/orders-to-warehouse"]]
    (problem,) = plan.problems
    assert isinstance(problem, BreakingChangeGated)
    assert problem.where is not None
    assert problem.where.file.endswith(ORDERS)
    assert "full_name" in problem.where.text
    assert "customer.full_name: field renamed" in str(problem.why)


def test_what_breaks_is_shown_with_whom_it_breaks(shop):
    rename(shop)
    cents(shop)
    golden(shop.plan(), "changes-breaking")


def test_what_is_compatible_is_shown_with_how_many_use_it(shop):
    window(shop)
    golden(shop.plan(), "changes-compatible")


def test_nothing_to_do_as_markdown(shop):
    golden(shop.plan(), "changes-nothing")


def test_a_change_of_meaning_stops_though_every_schema_allows_it(shop):
    cents(shop)
    plan = shop.plan()
    assert names(plan) == [["marketing/revenue"]]
    assert [type(one) for one in plan.problems] == [BreakingChangeGated]


def test_an_undeclared_consumer_may_rely_on_anything(mesh, tmp_path):
    shop = subscribed(catalogued(mesh, tmp_path, strangers=(STRANGER,)), revenue=("order_id",))
    cents(shop)
    plan = shop.plan()
    assert names(plan) == [[""]]
    assert "undeclared: group test-1" in plan.problems[0].what


def test_an_optional_field_that_nobody_uses_may_go(shop):
    said = "description: Two letters as in ISO 3166., classification: internal }\n"
    shop.edit(ORDERS, f"{COUNTRY}{said}", "")
    shop.edit("orders.v1.sql", ", country: ci.country", "")
    plan = shop.plan()
    assert names(plan) == [[]]
    assert plan.problems == ()
    assert plan.headings[OWNER] == "1.0.0   breaking, but nobody relies on it"
    shop.apply()
    assert shop.plan().empty


def test_without_a_consumer_what_readers_could_not_read_still_stops(shop):
    name = "name: name, logicalType: string"
    shop.edit(ORDERS, f"{name}, required: true", name)
    subscribed(shop, revenue=("order_id",))
    plan = shop.plan()
    (problem,) = plan.problems
    assert isinstance(problem, HistoryUnreadable)
    assert "customer.name" in problem.what
    assert plan.headings[OWNER].endswith("BREAKING")


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("partitions: 4", "partitions: 5", PartitionsFixed),
        ("cleanup: compact", "cleanup: append", CleanupFixed),
        ("name: order_id", "name: order_number", KeyChanged),
    ],
)
def test_what_kafka_fixes_is_told_once(shop, old, new, kind):
    shop.edit(ORDERS, old, new)
    if kind is KeyChanged:
        shop.edit("orders.v1.sql", "AS order_id", "AS order_number")
    found = {type(one) for one in shop.plan().problems}
    assert found == {BreakingChangeGated}
    subscribed(shop)
    assert kind in {type(one) for one in shop.plan().problems}


def test_another_owner_is_told_once_for_the_domain_and_no_version_is_compared(shop, monkeypatch):
    compared = []
    monkeypatch.setattr(changing, "changes_of", lambda port, _: compared.append(port.label) or ())
    shop.edit("domain.yaml", "team: Sales platform", "team: Orders")
    plan = shop.plan()
    assert (plan.changes, compared, plan.problems) == ({}, [], ())
    [note] = [one for one in plan.notes if one.kind == "owner"]
    assert note.owner.key == "domain/sales"
    assert "Sales platform, sales-data@example.com" in note.text
    assert "→ Orders, sales-data@example.com" in note.text
    assert str(note.where).startswith("domains/sales/domain.yaml")
    assert text(plan).count("Sales platform") == 1
    cents(shop)
    shop.plan()
    assert compared == ["sales.orders"]
    shop.apply()
    assert not [one for one in shop.plan().notes if one.kind == "owner"]


def test_a_changed_version_of_a_domain_with_another_owner_tells_only_its_own(shop):
    shop.edit("domain.yaml", "team: Sales platform", "team: Orders")
    cents(shop)
    assert [one.change.kind for one in shop.plan().changes[OWNER].changes] == [Kind.UNIT_CHANGED]


def test_a_field_is_told_once(shop):
    window(shop)
    plan = shop.plan()
    assert [one.kind for one in plan.notes if one.owner.key == OWNER] == ["model"]
    assert text(plan, now=NOW).count("customer.email") == 1


def test_the_end_of_a_version_is_told_once_by_the_gate_that_names_who_uses_it(shop):
    shop.edit(ORDERS, "status: active", "status: retired")
    plan = shop.plan()
    assert OWNER not in plan.changes
    (problem,) = plan.problems
    assert isinstance(problem, NotYet)
    assert problem.why.count("marketing/") == 2
    shown = text(plan)
    assert "sales.orders v1   retired\n" in shown
    assert shown.count("marketing/orders-to-warehouse") == 1


def test_what_changes_beside_the_end_is_told_as_ever(shop):
    shop.edit(ORDERS, "status: active", "status: retired")
    cents(shop)
    assert [one.change.kind for one in shop.plan().changes[OWNER].changes] == [Kind.UNIT_CHANGED]


def test_a_field_that_becomes_restricted_is_told_and_needs_no_version_beside_it(shop):
    shop.edit(
        ORDERS,
        "As they write it., classification: confidential",
        "As they write it., classification: restricted",
    )
    plan = shop.plan()
    assert names(plan) == [["marketing/orders-to-warehouse"]]
    assert not [one for one in plan.problems if isinstance(one, BreakingChangeGated)]
    assert plan.headings[OWNER] == "1.0.0   breaking"


def test_a_version_number_that_says_too_little_is_told_and_stops_nothing(shop):
    window(shop, version="1.0.0")
    plan = shop.plan()
    (note,) = [one for one in plan.notes if one.warns and one.owner.key == OWNER]
    assert note.text.startswith("still 1.0.0 says less than what changes: `version: 1.1.0`")
    assert note.where is not None
    assert note.where.text == "version: 1.0.0"
    assert not plan.blocked


def test_a_plan_as_json_names_changes_and_consumers(shop):
    rename(shop)
    (change,) = json.loads(json.dumps(as_dict(shop.plan())))["changes"]
    assert change["kind"] == "field_renamed"
    assert (change["meaning"], change["gated"]) == ("breaking", True)
    assert (change["before"], change["after"]) == ("customer.name", "customer.full_name")
    (one,) = change["relied_on_by"]
    assert one["name"] == "marketing/orders-to-warehouse"
    assert one["contact"] == {"email": "orders-to-warehouse@example.com"}
    assert one["last_seen"] == "2026-11-23T11:58:00+00:00"
    assert [each["name"] for each in change["not_affected"]] == ["marketing/revenue"]


@pytest.fixture
def three(tmp_path: Path) -> ThreeDomains:
    mesh = ThreeDomains(tmp_path / "three")
    catalog = Catalog.at(f"sqlite:///{tmp_path / 'catalog.db'}")
    mesh.platform = replace(mesh.platform, catalog=catalog)
    return mesh


TIMESTAMP = "logicalType: timestamp, physicalType: timestamptz"
AMOUNT, PLACED = f"name: amount, {SAID}", f"name: placed_at, {SAID}"


def critical(field: str) -> str:
    """Give a field that is critical, and means net."""
    return field.replace("As it is.", "Net.") + ", criticalDataElement: true"


def test_products_of_products_are_consumers(three):
    three.edit(ORDERS, AMOUNT, critical(AMOUNT))
    three.apply()
    three.edit(ORDERS, "description: Net.", "description: Gross.")
    plan = three.plan()
    (planned,) = plan.changes[OWNER].changes
    (reader,) = planned.relied_on_by
    assert reader.name == "source marketing.others"
    assert reader.purpose == "makes marketing.portraits.v1"
    assert reader.contact == {"team": "t", "email": "t@example.com"}
    assert "source marketing.others" in plan.problems[0].what


def test_a_product_goes_together_with_what_was_made_of_it(three):
    three.apply()
    engine = "mesh.marketing.engine.others"
    three.platform.catalog.observe_use(
        [Use("crm.customers.v1", engine, engine, (), (), 1, 0, beyond=False, position="x")]
    )
    for name in ("crm/products", "marketing/products", "marketing/sources"):
        shutil.rmtree(three.root / "domains" / name)
    assert three.plan(delete_data=True).problems == ()


def test_a_product_stays_as_long_as_a_source_of_another_repository_reads_it(three):
    three.apply()
    for name in ("crm/products", "marketing"):
        shutil.rmtree(three.root / "domains" / name)
    assert NotYet in map(type, three.plan(delete_data=True).problems)


def test_a_product_that_reads_other_fields_is_not_concerned(three):
    three.edit("portraits.v1.sql", ", placed_at: o.placed_at", "")
    three.edit(
        "portraits.v1.odcs.yaml", f",\n          {{ {PLACED}, {TIMESTAMP}, required: true }}", ""
    )
    three.edit(ORDERS, PLACED, critical(PLACED))
    three.apply()
    three.edit(ORDERS, "description: Net.", "description: Gross.")
    plan = three.plan()
    (planned,) = plan.changes[OWNER].changes
    assert planned.breaking
    assert planned.relied_on_by == ()
    assert [one.name for one in planned.not_affected] == ["source marketing.others"]
    assert plan.problems == ()


def test_a_catalog_that_knows_nothing_of_what_runs_is_told(applied, tmp_path):
    catalog = Catalog.at(f"sqlite:///{tmp_path / 'new.db'}")
    applied.platform = replace(applied.platform, catalog=catalog)
    rename(applied)
    shown = text(applied.plan())
    assert "the catalog knows nothing of sales.customers v1, sales.orders v1" in shown
    assert "✗ stopped: sales.orders.v1: `customer.name`" in shown


def test_a_field_more_goes_through_from_table_to_documents(shop):
    shop.with_table(table("cities", [*COLUMNS["cities"], "zone text?"]))
    shop.edit(ORDERS, COUNTRY, f"{optional('zone')}\n{COUNTRY}")
    shop.edit("orders.v1.sql", "country: ci.country", "country: ci.country, zone: ci.zone")
    shop.edit(ORDERS, "version: 1.0.0", "version: 1.1.0")
    shop.edit("dataproduct.odps.yaml", "version: 1.0.0", "version: 1.1.0")
    plan = shop.plan()
    assert plan.headings[OWNER] == "1.0.0 → 1.1.0   compatible"
    shown = text(plan, now=NOW)
    assert "public.cities" in shown
    assert "with the new field" in shown
    assert "2, none affected" in shown
    before = shop.platform.deployments.read()[OWNER]
    shop.apply()
    after = shop.platform.deployments.read()[OWNER]
    assert (before.version, after.version) == ("1.0.0", "1.1.0")
    assert after.value_schema_id != before.value_schema_id
    assert before.value_schema in dict(after.earlier).values()
    assert shop.platform.catalog.show("sales.orders.v1").version == "1.1.0"
    assert shop.plan().empty


# --- in a CI


@pytest.fixture
def command(shop: Mesh, monkeypatch: pytest.MonkeyPatch) -> Mesh:
    monkeypatch.chdir(shop.root)
    monkeypatch.setattr(plan_command, "applying", lambda *_: shop.platform)
    return shop


def test_a_plan_that_a_gate_stops_exits_3_as_markdown_too(command, capsys):
    rename(command)
    assert run(["plan", "--format", "markdown"]) == 3
    shown = capsys.readouterr().out
    assert shown.startswith("## mesh plan: `local`\n")
    assert "`mesh release sales.orders --major`" in shown


def test_a_plan_that_goes_through_exits_0_as_markdown(command, capsys):
    window(command)
    assert run(["plan", "--format", "markdown"]) == 0
    assert run(["plan", "--format", "markdown", "--detailed-exitcode"]) == 10
    assert "when this is merged" in capsys.readouterr().out


def test_json_is_a_format_too(command, capsys):
    assert run(["plan", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] == 1
    assert run(["plan", "--format", "markdown", "--json"]) == 2


def test_a_catalog_that_does_not_answer_fails_the_plan(command, tmp_path):
    catalog = Catalog.at("postgresql+psycopg://nobody@127.0.0.1:1/none")
    command.platform = replace(command.platform, catalog=catalog)
    with pytest.raises(CatalogUnreachable):
        command.plan()
    assert run(["plan"]) == 5


def form(mesh: Mesh, name: str) -> None:
    with mesh.platform.catalog.reading() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{name}'")
        connection.commit()


def test_a_catalog_of_another_form_is_told(command, capsys):
    form(command, "0001")
    with pytest.raises(CatalogTooOld):
        command.plan()
    assert run(["plan"]) == 1
    assert "`mesh apply` brings it up to date" in capsys.readouterr().err
    form(command, "9999")
    with pytest.raises(CatalogTooNew):
        command.plan()
