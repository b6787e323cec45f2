"""What `mesh status` says of a mesh."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from streammesh.cli.status_mesh import MeshStatus, advice, as_dict, show
from streammesh.documents.names import Names
from streammesh.observability import live
from streammesh.observability.figures import Looker
from streammesh.observability.live import Live
from streammesh.observability.slots import SlotStanding, prefix_of
from streammesh.observability.standing import ProductStanding, SourceStanding
from tests.unit.observability.engines import NOW, TOPIC, busy

SLOT = SlotStanding("mesh_m_sales_shop", "db:5432/shop", "sales.shop", True, "reserved", 16_000_000)
ORPHAN = SlotStanding("mesh_m_sales_old", "db:5432/shop", "", False, "extended", 21_000_000_000)
PRODUCT = ProductStanding(TOPIC, "1.0.0", "live")


@pytest.fixture
def engine(tmp_path: Path) -> Live:
    clock = iter([NOW - 5, NOW]).__next__
    figures = Looker("sales.shop", busy(), tmp_path / "x.sqlite", clock).look()
    return Live(live.FORMAT, 4711, "http://127.0.0.1:9464/metrics", figures)


def mesh(engine: Live | None, state: str = "following", *slots: SlotStanding) -> MeshStatus:
    source = SourceStanding("sales.shop", state, "0/4A3F2C8", NOW, 12, 0.0, (PRODUCT,))
    engines = {} if engine is None else {"sales.shop": engine}
    return MeshStatus((source,), engines, {"sales.shop": "RUNNING"}, slots or (SLOT,), ())


def shown(status: MeshStatus) -> list[str]:
    stream = io.StringIO()
    show(Console(file=stream, width=100), status)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_a_mesh_that_is_well_is_two_tables(engine: Live) -> None:
    status = mesh(engine)
    text = shown(status)
    assert status.well
    assert not advice(status)
    assert max(map(len, text)) <= 100
    (source,) = [line for line in text if line.startswith("sales.shop ")]
    assert source.split()[:3] == ["sales.shop", "following", "running"]
    assert source.endswith("16 MB")
    (product,) = [line for line in text if line.startswith(TOPIC)]
    assert product.split() == [TOPIC, "1.0.0", "live", "20", "35", "ms", "40", "ms", "1"]


def test_without_an_engine_here_kafka_still_tells() -> None:
    (product,) = [line for line in shown(mesh(None)) if line.startswith(TOPIC)]
    assert product.split() == [TOPIC, "1.0.0", "live"]
    assert as_dict(mesh(None))["sources"][0]["engine"] is None  # type: ignore[index]


def test_json_has_both(engine: Live) -> None:
    (source,) = as_dict(mesh(engine))["sources"]  # type: ignore[misc]
    assert source["engine"]["pid"] == 4711
    assert source["products"][0]["engine"]["delay_p99_ms"] == 40
    assert source["slot"]["retained_bytes"] == 16_000_000
    assert source["lag_records"] == 12


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (mesh(None, "standing"), "none runs on this machine: mesh run sales.shop"),
        (mesh(None, "silent"), "not even a heartbeat comes"),
        (mesh(None, "waiting for a snapshot"), "nothing was published yet: mesh run sales.shop"),
        (mesh(None, "following", SLOT, ORPHAN), "keeps 21 GB of WAL: SELECT pg_drop_replication"),
        (
            mesh(None, "following", replace(SLOT, wal_status="lost")),
            "is lost: mesh apply --new-snapshot sales.shop",
        ),
        (replace(mesh(None), capture={"sales.shop": "FAILED"}), "its connector has failed"),
    ],
)
def test_what_wants_a_person_is_said(status: MeshStatus, said: str) -> None:
    assert not status.well
    (sentence,) = advice(status)
    assert said in sentence
    assert any(said in line for line in shown(status))


def test_a_file_of_an_engine_that_is_gone_tells_nothing(tmp_path: Path, engine: Live) -> None:
    state = tmp_path / "state" / "sales.shop.sqlite"
    path = live.place(state)
    live.keep(path, engine.metrics, engine.figures)
    assert path.stat().st_mode & 0o777 == 0o600
    assert live.read(path, NOW + 1) is not None
    assert live.read(path, NOW + live.STALE_SECONDS + 1) is None
    path.write_text("{")
    assert live.read(path, NOW) is None
    live.forget(path)
    assert live.read(path, NOW) is None


def test_slots_of_a_mesh_begin_alike_also_where_names_are_cut() -> None:
    for names, name in ((Names(), "shop"), (Names("stage"), "x" * 49)):
        assert names.slot(name, "sales", "shop").startswith(prefix_of(names, name))
