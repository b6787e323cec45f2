"""How sources stand, from what is on Kafka alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.deployments.deployment import InputProduct
from streammesh.deployments.progress import (
    KEY,
    Generation,
    Input,
    Lsn,
    ProductProgress,
    Progress,
    encode,
)
from streammesh.documents.values import TableName
from streammesh.observability.standing import (
    HELD_SECONDS,
    SILENT_SECONDS,
    SourceStanding,
    standings,
)
from streammesh.platform.memory.streams import MemoryStreams
from tests.unit.engine.shop import LOG, ORDERS, PROGRESS, SOURCE, product

COMMITTED = 1_800_000_000
DEPLOYED = product("orders")
DEPLOYMENTS = {SOURCE.key: SOURCE, DEPLOYED.key: DEPLOYED}


def progress(offset: int, digest: str = DEPLOYED.digest) -> bytes:
    source = Input(Lsn(offset), offset, COMMITTED * 1000, Generation(0, 1, Lsn(1)))
    entry = ProductProgress(digest, "live", Lsn(1), Lsn(offset))
    return encode(Progress({"sales.shop": source}, {ORDERS: entry}))


def world(log: int, *records: bytes) -> MemoryStreams:
    streams = MemoryStreams()
    for _ in range(log):
        streams.append(LOG, b"{}")
    for one in records:
        streams.append(PROGRESS, one, KEY)
    return streams


def standing(streams: MemoryStreams, age: float, meanwhile: bytes | None = None) -> SourceStanding:
    def sleep(_: float) -> None:
        if meanwhile is not None:
            streams.append(PROGRESS, meanwhile, KEY)

    (found,) = standings(DEPLOYMENTS, streams, lambda: COMMITTED + age, sleep)
    return found


def test_an_engine_that_follows(capsys: pytest.CaptureFixture[str]) -> None:
    found = standing(world(40, progress(39), progress(40)), 1)
    assert (found.state, found.lag_records, found.lag_seconds) == ("following", 0, 0)
    assert found.position == "0/28"
    assert [(one.product, one.version, one.status) for one in found.products] == [
        (ORDERS, "1.0.0", "live")
    ]
    assert found.well


def test_heartbeats_on_their_way_are_no_lag() -> None:
    found = standing(world(50, progress(40)), HELD_SECONDS - 1)
    assert (found.state, found.lag_records, found.lag_seconds) == ("following", 10, 0)


def test_one_that_moves_is_behind_and_one_that_does_not_stands() -> None:
    moving = standing(world(50, progress(40)), 100, meanwhile=progress(45))
    assert (moving.state, moving.lag_records, moving.well) == ("behind", 5, True)
    still = standing(world(50, progress(40)), 100)
    assert (still.state, still.lag_records, still.well) == ("standing", 10, False)
    assert still.lag_seconds == 100


def test_a_database_that_is_cut_off_is_silent() -> None:
    found = standing(world(40, progress(40)), SILENT_SECONDS + 1)
    assert (found.state, found.well) == ("silent", False)


def test_nothing_published_yet() -> None:
    found = standing(world(3), 1)
    assert found.state == "waiting for a snapshot"
    assert [one.status for one in found.products] == ["waiting"]


def test_a_deployment_that_no_engine_has_taken_up() -> None:
    found = standing(world(40, progress(40, digest="0" * 16)), 1)
    assert [one.status for one in found.products] == ["not taken up yet"]


def test_the_newest_of_many_records_and_one_of_another_version() -> None:
    many = world(900, *(progress(number) for number in range(900)))
    assert standing(many, 1).position == "0/383"
    found = standing(world(1, b'{"inputs":{},"format":0}'), 1)
    assert found.state == "unknown"
    assert found.why


def test_sources_are_told_apart() -> None:
    other = replace(SOURCE, source="depot", log="_cdc.sales.depot", progress="_mesh.progress.d")
    found = standings(
        {**DEPLOYMENTS, other.key: other}, world(40, progress(40)), lambda: COMMITTED + 1.0
    )
    assert [(one.source, one.state, len(one.products)) for one in found] == [
        ("sales.depot", "waiting for a snapshot", 0),
        ("sales.shop", "following", 1),
    ]


def test_where_products_are_read_silence_means_that_no_engine_runs() -> None:
    inputs = (InputProduct("crm.customers.v1", TableName("crm", "customers")),)
    gathers = replace(SOURCE, inputs=inputs)
    streams = world(41, progress(40))
    for age, state in ((1.0, "following"), (SILENT_SECONDS + 1, "standing")):
        deployments = {gathers.key: gathers, DEPLOYED.key: DEPLOYED}
        (found,) = standings(deployments, streams, lambda at=COMMITTED + age: at)  # type: ignore[misc]
        assert (found.state, found.lag_records) == (state, 0)
