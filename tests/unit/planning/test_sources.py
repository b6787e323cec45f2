"""A source's connector and snapshots, and when all has to be read anew."""

from dataclasses import replace

import pytest

from streammesh.capture.server import DatabaseIdentity
from streammesh.platform.connect import SourceOffset
from tests.unit.planning.conftest import COLUMNS, table

CONNECTOR = "sales.shop"


@pytest.fixture
def mesh(mesh):
    """Give the shop, read by its connector: by COPY it is tested in test_reading.py."""
    path = mesh.file("shop.source.yaml")
    path.write_text(path.read_text() + "capture: { snapshot: debezium }\n")
    return mesh


def kinds(plan):
    return [step.kind for step in plan.steps]


def test_a_failed_task_is_restarted(applied):
    applied.platform.connect.fail(
        CONNECTOR, "java.lang.Boom: x\nCaused by: a.b.C: the disk is full"
    )
    [step] = applied.plan().steps
    assert step.title == "restart connector sales.shop"
    assert "the disk is full" in step.detail
    applied.apply()
    assert applied.plan().empty


@pytest.mark.parametrize("stop", ["pause", "stop"])
def test_a_connector_that_somebody_stopped_goes_on(applied, stop):
    getattr(applied.platform.connect, stop)(CONNECTOR)
    applied.apply()
    assert applied.platform.connect.connectors()[CONNECTOR].state == "RUNNING"


def test_a_changed_configuration_is_put_back(applied):
    config = dict(applied.platform.connect.connectors()[CONNECTOR].config)
    applied.platform.connect.put(CONNECTOR, config | {"tasks.max": "2", "extra": "x"})
    [step] = applied.plan().steps
    assert step.changed == ("extra", "tasks.max")
    applied.apply()
    assert applied.plan().empty


def test_a_connector_that_is_not_ours_is_not_touched(mesh):
    wanted = next(one for one in mesh.plan().steps if one.kind == "connector").config
    mesh.platform.connect.put(CONNECTOR, wanted)
    assert [type(one).__name__ for one in mesh.plan().problems] == ["ForeignResource"]


def test_the_password_stands_in_no_connector_record_or_plan(applied):
    secret = "secret-of-the-database"
    assert applied.platform.connect_secrets.stored == {"sales.shop.password": secret}
    assert secret not in str(applied.platform.connect.connectors())
    assert secret not in str(applied.platform.resources.read())


def test_a_new_table_means_a_new_snapshot_of_the_whole_source(applied):
    applied.platform.databases.tables["notes"] = table("notes", ["id integer", "text text"])
    applied.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n  - public.notes\n")
    plan = applied.plan()
    assert kinds(plan) == ["publication", "deployment", "snapshot"]
    snapshot = plan.steps[-1]
    assert "the whole source, about 6,000 rows" in snapshot.detail
    assert any((note.kind, note.subject) == ("table", "public.notes") for note in plan.notes)
    applied.apply()
    assert any("drop slot" in call for call in applied.platform.databases.calls)
    assert applied.plan().empty


def test_a_removed_table_needs_none_but_needs_one_when_it_comes_back(applied):
    line = "  - public.notes\n"
    applied.platform.databases.tables["notes"] = table("notes", ["id integer"])
    applied.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n" + line)
    applied.apply()
    applied.edit("shop.source.yaml", line, "")
    assert "snapshot" not in kinds(applied.plan())
    applied.apply()
    applied.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n" + line)
    assert "snapshot" in kinds(applied.plan())


def test_a_changed_column_is_told_and_read_anew(applied):
    applied.with_table(table("cities", [*COLUMNS["cities"], "population integer?"]))
    plan = applied.plan()
    assert ("+", "column", "public.cities.population", "integer") in [
        (one.symbol, one.kind, one.subject, one.text) for one in plan.notes
    ]
    assert "snapshot" in kinds(plan)


def test_new_statistics_change_nothing(applied):
    applied.with_table(table("cities", COLUMNS["cities"], rows=77))
    assert applied.plan().empty


def test_a_lost_slot_is_read_anew(applied):
    applied.lose_slot()
    assert "its slot is lost" in applied.plan().steps[0].why


@pytest.mark.parametrize("now", [DatabaseIdentity("7002", 1), DatabaseIdentity("7001", 2)])
def test_another_or_a_restored_database_is_read_anew(applied, now):
    applied.platform.databases.identity = now
    assert "restored" in applied.plan().steps[0].why
    applied.apply()
    assert applied.plan().empty


def test_a_database_that_was_put_back_is_read_anew(applied):
    slots = applied.platform.databases.slots
    slots.update({name: replace(one, went_back="0/0") for name, one in slots.items()})
    assert "went back: captured up to 0/1, and it is at 0/0" in applied.plan().steps[0].why


def test_a_slot_that_vanished_is_read_anew(applied):
    applied.platform.connect.advance(CONNECTOR, [SourceOffset({}, {"lsn": 1})])
    applied.platform.databases.slots.clear()
    assert kinds(applied.plan()) == ["snapshot"]


def test_a_slot_that_the_connector_has_not_made_yet_is_no_lost_one(applied):
    applied.platform.databases.slots.clear()
    assert applied.plan().empty


def test_a_connector_that_vanished_is_read_anew(applied):
    applied.platform.connect.delete(CONNECTOR)
    assert kinds(applied.plan()) == ["snapshot"]
    applied.apply()
    assert applied.plan().empty


@pytest.mark.parametrize("call", ["stop", "reset_offsets", "put", "resume"])
def test_an_interrupted_snapshot_is_begun_again(applied, monkeypatch, call):
    def killed(*_):
        raise InterruptedError

    applied.lose_slot()
    with monkeypatch.context() as patch:
        patch.setattr(applied.platform.connect, call, killed)
        with pytest.raises(InterruptedError):
            applied.apply()
    applied.platform.databases.slots.clear()
    assert kinds(applied.plan()) == ["snapshot"]
    applied.apply()
    assert applied.plan().empty


def test_a_publication_of_somebody_elses_is_used_as_it_is(mesh) -> None:
    """Its owner ran what the plan had printed; it is neither changed nor taken as ours."""
    [wanted] = [one.wanted for one in mesh.plan().steps if one.kind == "publication"]
    mesh.platform.databases.publications[wanted.name] = wanted
    plan = mesh.plan()
    assert plan.problems == ()
    assert "publication" not in kinds(plan)
    mesh.apply()
    assert f"publication/{wanted.name}" not in mesh.platform.resources.read()


def test_a_publication_of_somebody_elses_that_lacks_something_is_refused(mesh) -> None:
    [wanted] = [one.wanted for one in mesh.plan().steps if one.kind == "publication"]
    mesh.platform.databases.publications[wanted.name] = replace(wanted, tables=wanted.tables[:1])
    [problem] = mesh.plan().problems
    assert "ALTER PUBLICATION" in problem.fix
