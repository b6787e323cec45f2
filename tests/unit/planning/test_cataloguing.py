"""What apply tells the catalog."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.documents.workspace import load
from streammesh.planning import service
from streammesh.planning.steps.record_in_catalog import RecordInCatalog
from streammesh.planning.weighing.changes import changes_of
from tests.unit.planning.conftest import Mesh, column


@pytest.fixture
def recorded(mesh: Mesh, tmp_path) -> Mesh:
    """The shop, with a catalog that doesn't exist yet."""
    catalog = Catalog.at(f"sqlite:///{tmp_path / 'catalog.db'}")
    mesh.platform = replace(mesh.platform, catalog=catalog, applied_by="ada", commit="c0ffee")
    return mesh


def test_a_plan_tells_what_is_new_and_makes_no_tables(recorded):
    (step,) = [one for one in recorded.plan().steps if isinstance(one, RecordInCatalog)]
    assert step.subject == "mesh, sales"
    assert step.recorded.added > 20
    assert not recorded.platform.catalog.standing()


def test_an_apply_records_who_and_from_which_commit_and_then_there_is_nothing_left(recorded):
    recorded.apply()
    catalog = recorded.platform.catalog
    assert catalog.show("sales.orders.v1").version == "1.0.0"
    assert {(one.who, one.commit) for one in catalog.history("sales")} == {("ada", "c0ffee")}
    assert recorded.plan().empty


def test_what_was_applied_is_known_with_its_contract_and_model(recorded):
    recorded.apply()
    workspace = load(recorded.root)
    known = recorded.platform.catalog.versions({"sales"})
    for port in workspace.ports:
        label = f"{port.label}.v{port.major}"
        assert changes_of(port, known[label], workspace.domains["sales"]) == ()
        assert known[label].contract.stream == port.contract.stream


def test_a_catalog_that_went_away_fails_the_last_step_and_the_next_apply_goes_on(
    recorded, tmp_path, monkeypatch
):
    planned, away = recorded.plan(), Catalog.at(f"sqlite:///{tmp_path}")
    with monkeypatch.context() as patch:
        patch.setattr(recorded.platform.catalog, "record", away.record)
        with pytest.raises(Exception, match="catalog"):
            service.apply(planned, recorded.platform)
    (step,) = recorded.plan().steps
    assert isinstance(step, RecordInCatalog)


def told(mesh: Mesh) -> frozenset[str]:
    """Give the domains of which the next apply would tell the catalog."""
    steps = (one for one in mesh.plan().steps if isinstance(one, RecordInCatalog))
    return frozenset().union(*(one.registration.scope for one in steps))


def test_of_a_domain_without_news_nothing_is_compared(recorded, monkeypatch):
    recorded.apply()
    monkeypatch.setattr("streammesh.catalog.registering.flat_fields", lambda _: 1 / 0)
    assert recorded.plan().empty


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("domain.yaml", "Sales platform", "Sales"),
        ("dataproduct.odps.yaml", "One document per", "A document per"),
        ("orders.v1.odcs.yaml", "The order's number.", "Its number."),
        ("orders.v1.sql", "o.status", "o.status AS status"),
        ("shop.source.yaml", "retention: 7d", "retention: 8d"),
    ],
)
def test_whatever_changes_in_the_files_is_told(recorded, file, old, new):
    recorded.apply()
    recorded.edit(file, old, new)
    assert told(recorded) == {"sales"}
    recorded.apply()
    assert recorded.plan().empty


def test_a_table_that_changed_is_told(recorded):
    recorded.apply()
    table = recorded.platform.databases.tables["orders"]
    recorded.with_table(replace(table, columns=(*table.columns, column("note text?"))))
    assert told(recorded) == {"sales"}


def test_another_streammesh_says_everything_once_more(recorded, monkeypatch):
    recorded.apply()
    monkeypatch.setattr("streammesh.planning.weighing.cataloguing.compiler", lambda: b"another")
    known = recorded.platform.catalog.told()
    recorded.apply()
    assert recorded.platform.catalog.told() == known  # it said the same: nothing was to be written
