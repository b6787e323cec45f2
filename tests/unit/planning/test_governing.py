"""Plans are judged: by policies, and by what may be called a product."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.errors import ExitCode, MeshErrors
from streammesh.errors.policies import (
    MoreViolations,
    PolicyViolated,
    ProductIncomplete,
    QueryRefused,
)
from streammesh.planning.showing.as_values import as_dict
from streammesh.planning.showing.render import text
from streammesh.planning.weighing import governing
from streammesh.policies.shipped import shipped_names, shipped_text
from tests.unit.planning.conftest import Mesh, memory_platform
from tests.unit.policies.meshes import written

ORDERS = "orders.v1.odcs.yaml"
NAMED = "SELECT subject, product FROM products"


def put(mesh: Mesh, content: str, path: str = "policies/rule.policy.yaml") -> None:
    file = mesh.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    mesh._workspace = None


@pytest.fixture
def shared(mesh: Mesh, tmp_path) -> Mesh:
    """The shop, with a catalog."""
    catalog = Catalog.at(f"sqlite:///{tmp_path / 'catalog.db'}")
    mesh.platform = replace(mesh.platform, catalog=catalog)
    yield mesh
    catalog.close()


def domain_alone(shared: Mesh, root) -> Mesh:
    """Give another workspace of the same mesh: its own files and servers, the same catalog."""
    other = Mesh(root)
    other.platform = replace(memory_platform(), catalog=shared.platform.catalog)
    return other


def test_the_example_passes_all_shipped_policies(mesh):
    for name in shipped_names():
        put(mesh, shipped_text(name), f"policies/{name}.policy.yaml")
    assert mesh.plan().problems == ()


def test_a_violation_stops_a_plan_with_its_place_and_whom_to_ask(mesh):
    put(mesh, written(NAMED, message="{product} is no good name"))
    plan = mesh.plan()
    (_, orders) = plan.problems
    assert isinstance(orders, PolicyViolated)
    assert orders.what == "orders is no good name"
    assert str(orders.where).endswith("orders/dataproduct.odps.yaml:4:7")
    assert "Governance <governance@example.com>" in orders.why
    assert MeshErrors(plan.problems).exit_code == ExitCode.CHECK_SAID_NO
    with pytest.raises(MeshErrors):
        mesh.apply()
    shown = text(plan)
    assert "rule: Because." in shown


def test_a_violation_of_a_version_stands_beside_it(mesh):
    put(mesh, written("SELECT subject FROM versions WHERE product = 'sales.orders'"))
    plan = mesh.plan()
    assert [one.label for one in plan.stopped_owners] == ["sales.orders v1"]
    assert as_dict(plan)["problems"][0]["for"] == "sales.orders v1"


def test_a_warning_is_a_note(mesh):
    put(mesh, written(NAMED, severity="warn", message="{product} is dull"))
    plan = mesh.plan()
    assert plan.problems == ()
    notes = [one for one in plan.notes if "policy rule" in one.text]
    assert [one.owner.label for one in notes] == ["sales.customers v1", "sales.orders v1"]
    assert all(one.warns and one.where for one in notes)


def test_many_violations_are_counted(mesh, monkeypatch):
    monkeypatch.setattr(governing, "SHOWN", 3)
    put(mesh, written("SELECT subject FROM fields"))
    *shown, more = mesh.plan().problems
    assert len(shown) == 3
    assert isinstance(more, MoreViolations)
    assert more.what == "13 more violate policy rule"


def test_an_expired_exception_holds_no_more_and_is_told(mesh):
    more = (
        "exceptions:\n"
        "  - { subject: sales.orders, reason: Old., owner: Ann, expires: 2020-01-01 }\n"
        "  - { subject: sales.customers, reason: Old., owner: Ann, expires: 9999-01-01 }\n"
    )
    put(mesh, written(NAMED, more=more))
    plan = mesh.plan()
    (violated,) = plan.problems
    assert violated.fields["subject"] == "sales.orders"
    (note,) = (one for one in plan.notes if "expired on 2020-01-01" in one.text)
    assert note.where.file == "policies/rule.policy.yaml"


def test_a_policy_that_fails_is_its_authors_problem_at_its_place(mesh):
    put(mesh, written("SELECT subject\n  FROM prodcts", severity="warn"))
    (problem,) = mesh.plan().problems
    assert isinstance(problem, QueryRefused)
    assert problem.where.file == "policies/rule.policy.yaml"
    assert problem.where.line in (9, 10)


def test_a_domains_policy_is_of_that_domain(mesh):
    query = "SELECT 'finance.reports' AS subject UNION SELECT 'sales.orders'"
    put(mesh, written(query), "domains/sales/policies/rule.policy.yaml")
    (violated,) = mesh.plan().problems
    assert violated.fields["policy"] == "sales/rule"


def test_policies_reach_other_workspaces_through_the_catalog(shared, tmp_path):
    governance = domain_alone(shared, tmp_path / "governance")
    shutil.rmtree(governance.root / "domains")
    put(governance, written(NAMED))
    governance.apply()
    assert governance.plan().empty
    (_, orders) = shared.plan().problems
    assert orders.fields["policy"] == "rule"
    put(governance, written("SELECT subject FROM products WHERE tier = 9"))
    governance.apply()
    assert shared.plan().problems == ()
    shared.apply()
    assert shared.platform.catalog.global_policies()[0][0] == "policies/rule.policy.yaml"


def test_the_workspace_that_governs_is_not_stopped_by_other_domains(shared, tmp_path):
    shared.apply()
    governance = domain_alone(shared, tmp_path / "governance")
    shutil.rmtree(governance.root / "domains")
    put(governance, written(NAMED))
    plan = governance.plan()
    assert plan.problems == ()
    (note,) = (one for one in plan.notes if one.warns)
    assert "2 violated in 1 other domain" in note.text
    governance.apply()
    (governance.root / "policies/rule.policy.yaml").unlink()
    governance._workspace = None
    governance.apply()
    assert shared.platform.catalog.global_policies() == ()


def test_a_policy_of_the_catalog_that_fails_stops_only_where_it_would_stop(shared, tmp_path):
    governance = domain_alone(shared, tmp_path / "governance")
    put(governance, written("SELECT subject FROM products WHERE tier = 9"))
    governance.apply()
    catalog = shared.platform.catalog
    for severity, stops in (("warn", False), ("block", True)):
        broken = written("SELECT subject FROM nothing", severity=severity)
        with catalog._engine.begin() as connection:
            connection.exec_driver_sql("UPDATE policies SET text = ?", (broken,))
        plan = shared.plan()
        assert bool(plan.problems) is stops
        assert stops or any("can't be judged" in one.text for one in plan.notes)


def test_a_policy_of_the_catalog_that_cant_be_read_stops(shared, tmp_path):
    governance = domain_alone(shared, tmp_path / "governance")
    put(governance, written("SELECT subject FROM products WHERE tier = 9"))
    governance.apply()
    with shared.platform.catalog._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE policies SET text = 'kind: Policy'")
    (problem,) = shared.plan().problems
    assert isinstance(problem, QueryRefused)
    assert str(problem.where).startswith("catalog:policies/rule.policy.yaml")


def test_what_an_active_product_lacks_stops_it_and_is_shown_with_it(mesh):
    mesh.edit(ORDERS, ", description: Its name today., classification: public", "")
    plan = mesh.plan()
    _, classified = plan.problems
    assert all(isinstance(one, ProductIncomplete) for one in plan.problems)
    assert classified.what == "`lines[].product` of sales.orders v1 is not classified"
    assert classified.where.line == 46
    assert "`lines[].product` of sales.orders v1 is not described" in " ".join(text(plan).split())
    assert [one.label for one in plan.stopped_owners] == ["sales.orders v1"]


def test_a_draft_is_told_how_much_it_lacks(mesh):
    mesh.edit(ORDERS, ", description: Its name today., classification: public", "")
    mesh.edit(ORDERS, "status: active", "status: draft")
    plan = mesh.plan()
    assert plan.problems == ()
    (note,) = (one for one in plan.notes if "an active product has" in one.text)
    assert (note.owner.label, note.warns) == ("sales.orders v1", False)
    assert note.text.startswith("lacks 2 things")


def test_much_that_is_lacking_is_counted(mesh, monkeypatch):
    monkeypatch.setattr(governing, "SHOWN", 2)
    for name in ("customers.v1.odcs.yaml", ORDERS):
        file = mesh.file(name)
        file.write_text(file.read_text().replace("classification: internal", "tags: []"))
    mesh._workspace = None
    found = [one.what for one in mesh.plan().problems]
    assert any("more of `field-classified`" in one for one in found)


def test_what_a_domain_lacks_is_told_once(mesh):
    mesh.edit("domain.yaml", "team: Sales platform", 'team: " "')
    (problem,) = mesh.plan().problems
    assert "names no owner team" in problem.what
