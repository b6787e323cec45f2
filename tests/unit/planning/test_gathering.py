"""Sources of products on twins: what they want, what is refused, and who notices what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.errors import MeshError, MeshErrors
from streammesh.planning.showing.render import text
from streammesh.platform.kafka import Acl
from tests.products_mesh import ORDERS, PORTRAITS, PORTRAITS_SQL
from tests.unit.planning.products_on_twins import Mesh
from tests.unit.planning.repositories_on_twins import Team, shared_platform

ENGINE = "mesh.marketing.engine.others"


@pytest.fixture
def mesh(tmp_path: Path) -> Mesh:
    return Mesh(tmp_path / "three")


def test_all_is_applied_at_once_and_then_there_is_nothing_to_do(mesh: Mesh) -> None:
    plan = mesh.plan()
    assert plan.problems == ()
    mesh.apply()
    assert mesh.plan().steps == ()
    found = mesh.platform.deployments.read()
    source = found["source/marketing.others"]
    assert isinstance(source, SourceDeployment)
    assert [one.topic for one in source.inputs] == ["crm.customers.v1", "sales.orders.v1"]
    assert [str(one.name) for one in source.tables] == ["crm.customers", "sales.orders"]
    assert source.tables[1].primary_key == ("order_id",)


def test_the_engine_may_read_what_it_reads_and_nothing_else(mesh: Mesh, tmp_path: Path) -> None:
    catalog = Catalog.at(f"sqlite:///{tmp_path / 'catalog.db'}")
    mesh.platform = replace(mesh.platform, catalog=catalog)
    mesh.apply()
    mine = {one for one in mesh.platform.kafka.acls() if one.principal == ENGINE}
    reads = {one.name for one in mine if one.resource_type == "topic" and one.operation == "read"}
    assert reads == {
        "crm.customers.v1",
        "sales.orders.v1",
        "_cdc.marketing.others",
        "_mesh.progress.marketing.others",
        "_mesh.deployments",
        "marketing.portraits.v1",
        "_quarantine.marketing.portraits.v1",
    }
    assert Acl(ENGINE, "transactional_id", "literal", f"{ENGINE}.gather", "write") in mine
    assert Acl(ENGINE, "topic", "literal", "_cdc.marketing.others", "write") in mine


def test_without_a_catalog_nothing_of_other_domains_is_read(mesh: Mesh) -> None:
    mesh.apply()
    reads = {one.name for one in mesh.platform.kafka.acls() if one.principal == ENGINE}
    assert not reads & {"crm.customers.v1", "sales.orders.v1"}


def test_a_product_of_another_workspace_has_to_be_deployed(mesh: Mesh, tmp_path: Path) -> None:
    mesh.apply()
    alone = Mesh(tmp_path / "alone")
    for domain in ("crm", "sales"):
        for file in sorted((alone.root / "domains" / domain).rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        (alone.root / "domains" / domain).rmdir()
    alone.platform = mesh.platform
    assert alone.plan().steps == alone.plan().problems == ()
    alone.edit("others.source.yaml", "sales.orders.v1", "sales.oders.v1")
    problem = alone.problem()
    assert "neither deployed" in problem.what
    assert "sales.orders.v1" in (problem.fix or "")
    assert str(problem.where).endswith("others.source.yaml:4:30")


def test_a_cycle_is_refused_by_name(mesh: Mesh) -> None:
    mesh.source("crm.customers.v1", "sales.orders.v1", "marketing.portraits.v1")
    sql = PORTRAITS_SQL.replace("sum(o.amount)", "sum(o.spent)")
    sql = sql.replace("mesh.sales.orders o", "mesh.marketing.portraits o", 1)
    mesh.product("marketing", "portraits", PORTRAITS, sql)
    assert mesh.problem().what == (
        "a product is made of itself: marketing.portraits.v1 ← marketing.portraits.v1"
    )


def test_a_longer_cycle_is_told_whole_and_once(mesh: Mesh) -> None:
    mesh.source("crm.customers.v1", "sales.orders.v1", "marketing.second.v1")
    first = "SELECT c.customer_id, c.name, c.city, NULL::decimal(18,2) AS spent, s.name AS x FROM"
    fields = [*PORTRAITS[:4], "{ name: x, logicalType: string }"]
    join = "mesh.crm.customers c LEFT JOIN mesh.marketing.second s ON s.customer_id = c.customer_id"
    mesh.product("marketing", "portraits", fields, f"{first} {join}")
    mesh.source("marketing.portraits.v1", name="more")
    second = "SELECT p.customer_id, p.name, p.city, p.spent FROM mesh.marketing.portraits p"
    mesh.product("marketing", "second", PORTRAITS[:4], second)
    assert "portraits.v1 ← marketing.second.v1 ← marketing.portraits.v1" in mesh.problem().what


def test_what_breaks_readers_names_them(mesh: Mesh) -> None:
    mesh.apply()
    mesh.product("sales", "orders", [one.replace("status", "state") for one in ORDERS], "")
    mesh.edit(
        "orders.v1.sql",
        "",
        "SELECT o.id AS order_id, o.customer_id, o.status AS state, o.amount, o.placed_at"
        " FROM shop.orders o",
    )
    found = [one for one in mesh.plan().problems if one.fields.get("field") == "status"]
    assert "read by marketing.portraits.v1" in (found[0].why or "")


def test_a_product_that_is_read_does_not_end(mesh: Mesh, tmp_path: Path) -> None:
    mesh.apply()
    sales = Mesh(tmp_path / "sales")
    sales.platform = mesh.platform
    for domain in ("crm", "marketing"):
        for file in sorted((sales.root / "domains" / domain).rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        (sales.root / "domains" / domain).rmdir()
    for file in (sales.root / "domains/sales/products/orders").iterdir():
        file.unlink()
    (sales.root / "domains/sales/products/orders").rmdir()
    assert "marketing.portraits.v1 still reads it" in sales.problem().what


def test_a_snapshot_of_products_cannot_be_asked_for(mesh: Mesh) -> None:
    with pytest.raises(MeshError, match="reads products"):
        mesh.plan(read_anew=["marketing.others"])


def test_earlier_schemas_stay_with_a_product(mesh: Mesh) -> None:
    mesh.apply()
    before = mesh.platform.deployments.read()["product/sales.orders.v1"]
    assert isinstance(before, ProductDeployment)
    mesh.product("sales", "orders", [*ORDERS, "{ name: note, logicalType: string }"], "")
    sql = (
        "SELECT o.id AS order_id, o.customer_id, o.status, o.amount, o.placed_at, o.status AS note"
    )
    mesh.edit("orders.v1.sql", "", f"{sql} FROM shop.orders o")
    mesh.apply()
    now = mesh.platform.deployments.read()["product/sales.orders.v1"]
    assert isinstance(now, ProductDeployment)
    assert now.schemas[before.value_schema_id] == before.value_schema
    assert now.value_schema_id != before.value_schema_id
    assert mesh.plan().steps == ()


def test_a_plan_says_what_is_read_and_what_is_listed_for_nothing(mesh: Mesh) -> None:
    mesh.source("crm.customers.v1", "sales.orders.v1", "sales.more.v1")
    sql = "SELECT o.id AS order_id, o.customer_id, o.status, o.amount, o.placed_at"
    mesh.product("sales", "more", ORDERS, f"{sql} FROM shop.orders o")
    shown = text(mesh.plan(), width=140, every_step=False)
    assert "+ products  read: crm.customers.v1, sales.orders.v1, sales.more.v1" in shown
    assert "no model reads more than the key of it: sales.more.v1" in shown


def test_files_alone_tell_a_wrong_column_with_its_place(mesh: Mesh) -> None:
    mesh.edit("portraits.v1.sql", "c.name,", "c.nmae AS name,")
    with pytest.raises(MeshErrors) as found:
        mesh.apply()
    (error,) = found.value.errors
    assert str(error.where).endswith("portraits.v1.sql:1:23")
    assert error.fix == "write name"


@pytest.fixture
def apart(tmp_path: Path) -> tuple[Team, Team]:
    """Give the workspace of the domains that are read, applied, and that of the one that reads."""
    platform = shared_platform(f"sqlite:///{tmp_path}/catalog.db")
    read = Team(tmp_path, "read", platform, "crm", "sales")
    read.apply()
    return read, Team(tmp_path, "reads", platform, "marketing")


def test_what_the_catalog_alone_knows_is_told_with_its_status_and_the_nearest_name(apart) -> None:
    read, reads = apart
    read.platform.deployments.remove(["product/sales.orders.v1"])
    (problem,) = reads.plan().problems
    assert problem.why == "the catalog knows it, and says that it is active"
    assert "apply it first" in problem.fix
    reads.mesh.edit("others.source.yaml", "sales.orders.v1", "sales.ordres.v1")
    (problem,) = reads.plan().problems
    assert problem.why is None
    assert problem.fix.startswith("write sales.orders.v1, or")


def test_what_the_mesh_itself_writes_is_no_source(apart) -> None:
    _, reads = apart
    reads.mesh.edit("others.source.yaml", "sales.orders.v1", "mesh.notices.v1")
    (problem,) = reads.plan().problems
    assert problem.fix == "subscribe to it, and read it in an application"


def test_a_retired_product_is_not_offered_and_its_status_is_told(apart) -> None:
    read, reads = apart
    read.mesh.edit("orders.v1.odcs.yaml", "status: active", "status: retired")
    read.apply()
    (problem,) = reads.plan().problems
    assert "says that it is retired" in problem.why
    assert problem.fix == "read a later version, or something else"


def test_a_deprecated_product_is_read_with_a_warning(apart) -> None:
    read, reads = apart
    read.mesh.edit("orders.v1.odcs.yaml", "status: active", "status: deprecated")
    read.apply()
    plan = reads.plan()
    assert plan.problems == ()
    (note,) = [one for one in plan.notes if "deprecated" in one.text]
    assert note.warns
    assert str(note.where).endswith("others.source.yaml:4:30")
