"""Sources whose tables apply reads itself: all at first, single ones later, resumed by table."""

from dataclasses import replace

import pytest

from streammesh.deployments import marks
from streammesh.deployments.forms import form
from streammesh.deployments.progress import Generation, Input, Lsn
from streammesh.planning.steps.read_tables import ReadTables
from tests.unit.planning.conftest import COLUMNS, Mesh, table

CONNECTOR = "sales.shop"


@pytest.fixture
def copying(mesh: Mesh) -> Mesh:
    """Give the shop, not applied yet."""
    return mesh


@pytest.fixture
def captured(copying: Mesh) -> Mesh:
    copying.apply()
    copying.platform.snapshots.marks.clear()
    copying.platform.databases.calls.clear()
    return copying


def phases(mesh: Mesh) -> list[str]:
    """Give the marks in the log: phases, and the tables that were copied."""
    return [
        one.table if isinstance(one, marks.TableCopied) else type(one).__name__
        for one in mesh.platform.snapshots.marks
    ]


def kinds(mesh: Mesh) -> list[str]:
    return [type(one).__name__ for one in mesh.plan().steps]


def read(mesh: Mesh) -> ReadTables:
    [one] = [one for one in mesh.plan().steps if isinstance(one, ReadTables)]
    return one


def test_a_new_source_is_read_when_its_connector_streams_from_a_slot_of_ours(copying):
    copying.apply()
    databases = copying.platform.databases
    assert [one for one in databases.calls if "slot" in one or "await" in one] == [
        "drop slot mesh_shop_sales_shop ${SHOP_DATABASE_URL}",
        "create slot mesh_shop_sales_shop",
        "await sales.shop",
    ]
    config = copying.platform.connect.connectors()[CONNECTOR].config
    assert config["snapshot.mode"] == "no_data"
    first, again, *tables, completed = copying.platform.snapshots.marks
    assert first == again or first.snapshot == again.snapshot
    assert first.whole
    assert {one.table for one in tables} == {f"public.{name}" for name in COLUMNS}
    assert completed.position == max(one.position for one in tables)
    assert copying.plan().empty


def test_products_are_deployed_before_the_long_reading_of_a_new_source(copying):
    assert kinds(copying).index("WriteProduct") < kinds(copying).index("ReadTables")


def test_an_added_table_is_the_only_one_that_is_read(captured):
    captured.platform.databases.tables["notes"] = table("notes", ["id integer", "text text"])
    captured.edit(
        "shop.source.yaml", "  - public.cities\n", "  - public.cities\n  - public.notes\n"
    )
    step = read(captured)
    assert step.detail == "public.notes, about 1,000 rows (about 1 s); new in the source"
    order = kinds(captured)
    assert order == ["AlterPublication", "ConfigureConnector", "ReadTables", "WriteSource"]
    captured.apply()
    assert phases(captured) == ["Started", "public.notes", "Completed"]
    assert not captured.platform.snapshots.marks[0].whole
    assert not [one for one in captured.platform.databases.calls if "slot" in one]
    assert captured.plan().empty


def test_the_connector_captures_an_added_table_before_it_is_read(captured, monkeypatch):
    calls = []
    connect = captured.platform.connect
    for name in ("stop", "put", "resume"):
        real = getattr(connect, name)
        monkeypatch.setattr(
            connect, name, lambda *args, real=real, name=name: (calls.append(name), real(*args))
        )
    captured.platform.databases.tables["notes"] = table("notes", ["id integer", "text text"])
    captured.edit(
        "shop.source.yaml", "  - public.cities\n", "  - public.cities\n  - public.notes\n"
    )
    captured.apply()
    assert calls == ["stop", "put", "resume"]


def test_a_changed_table_is_read_again_and_deployed_after_that(captured):
    captured.with_table(table("cities", [*COLUMNS["cities"], "population integer?"]))
    assert read(captured).reasons == {"public.cities": "its columns changed"}
    assert kinds(captured) == ["ReadTables", "WriteSource"]
    captured.apply()
    assert phases(captured) == ["Started", "public.cities", "Completed"]


def test_new_statistics_and_a_column_that_may_be_null_read_nothing(captured):
    captured.with_table(table("cities", COLUMNS["cities"], rows=77))
    assert captured.plan().empty


@pytest.mark.parametrize("whole", [True, False])
def test_a_reading_that_died_goes_on_with_the_tables_that_are_left(copying, whole):
    mesh = copying
    if not whole:
        mesh.apply()
        for name in ("cities", "orders"):
            mesh.with_table(table(name, [*COLUMNS[name], "more integer?"]))
    snapshots = mesh.platform.snapshots
    snapshots.marks.clear()
    snapshots.fails_at = "orders"
    with pytest.raises(InterruptedError):
        mesh.apply()
    mesh.capture()
    before = phases(mesh)
    assert "public.cities" in before
    assert "Completed" not in before
    id_before = snapshots.marks[0].snapshot
    snapshots.marks.clear()
    snapshots.fails_at = ""
    assert set(read(mesh).reasons.values()) <= {"an interrupted apply had begun it"}
    mesh.apply()
    assert "public.cities" not in phases(mesh)
    assert phases(mesh)[-1] == "Completed"
    assert {one.snapshot for one in snapshots.marks} == {id_before}
    assert mesh.plan().empty


def test_a_reading_whose_tables_changed_meanwhile_begins_anew(captured):
    snapshots = captured.platform.snapshots
    captured.with_table(table("cities", [*COLUMNS["cities"], "a integer?"]))
    captured.with_table(table("orders", [*COLUMNS["orders"], "a integer?"]))
    snapshots.fails_at = "orders"
    with pytest.raises(InterruptedError):
        captured.apply()
    id_before = snapshots.marks[0].snapshot
    snapshots.marks.clear()
    snapshots.fails_at = ""
    captured.with_table(table("cities", [*COLUMNS["cities"], "a integer?", "b integer?"]))
    captured.apply()
    assert snapshots.marks[0].snapshot != id_before
    assert {"public.cities", "public.orders"} <= set(phases(captured))
    assert captured.plan().empty


def test_a_lost_slot_begins_everything_anew_marked_before_the_new_slot(captured):
    captured.lose_slot()
    assert kinds(captured) == ["NewGeneration", "ReadTables"]
    assert read(captured).whole
    captured.apply()
    calls = captured.platform.databases.calls
    assert [one.split(" mesh")[0] for one in calls if "slot" in one] == ["drop slot", "create slot"]
    assert phases(captured)[:2] == ["Started", "Started"]
    assert captured.plan().empty


@pytest.mark.parametrize("call", ["stop", "reset_offsets", "put", "resume"])
def test_a_new_begin_that_was_interrupted_is_completed(captured, monkeypatch, call):
    def killed(*_):
        raise InterruptedError

    captured.lose_slot()
    with monkeypatch.context() as patch:
        patch.setattr(captured.platform.connect, call, killed)
        with pytest.raises(InterruptedError):
            captured.apply()
    captured.apply()
    assert phases(captured)[-1] == "Completed"
    assert captured.platform.connect.connectors()[CONNECTOR].state == "RUNNING"
    assert captured.plan().empty


def test_a_slot_that_vanished_is_noticed_before_offsets_were_ever_stored(captured):
    captured.platform.databases.slots.clear()
    assert kinds(captured) == ["NewGeneration", "ReadTables"]


def engine_at(mesh: Mesh, position: int, **forms: str) -> None:
    """Let the engine be somewhere, with all tables but those of which another form is given."""
    tables = mesh.platform.databases.tables
    has = {f"public.{name}": forms.get(name, form(one)) for name, one in tables.items()}
    begun = Generation(0, 1, Lsn(1))
    mesh.platform.engines.input = Input(Lsn(position), 10, 0, begun, has)


def test_a_table_that_its_engine_waits_for_is_read_again(captured):
    engine_at(captured, 100)
    assert captured.plan().empty
    engine_at(captured, 100, cities="")
    assert list(read(captured).reasons) == ["public.cities"]
    assert "waits" in read(captured).detail
    captured.apply()
    assert phases(captured) == ["Started", "public.cities", "Completed"]


def test_an_engine_that_has_still_to_take_a_reading_in_asks_for_none(captured):
    engine_at(captured, 1, cities="")  # the tables of the twin are read at positions 1 to 5
    assert captured.plan().empty


def test_a_table_that_leaves_needs_none_but_needs_one_when_it_comes_back(captured):
    line = "  - public.notes\n"
    captured.platform.databases.tables["notes"] = table("notes", ["id integer"])
    captured.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n" + line)
    captured.apply()
    captured.edit("shop.source.yaml", line, "")
    assert "ReadTables" not in kinds(captured)
    captured.apply()
    captured.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n" + line)
    assert [str(one.name) for one in read(captured).tables] == ["public.notes"]


def test_an_apply_tells_how_far_it_is_and_stops_when_it_lost_its_lock(copying):
    told = []
    from streammesh.planning import service  # noqa: PLC0415

    service.apply(copying.plan(), copying.platform, told.append)
    rows = [one.advance.rows for one in told if one.advance is not None]
    assert rows == sorted(rows)
    assert len(rows) == len(COLUMNS)
    assert replace(told[0], advance=None) == told[0]
