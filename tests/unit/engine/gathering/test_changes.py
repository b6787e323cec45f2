"""What is read changes: fields, products, schemas, events that nobody can read."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.contracts.types import Date, Json, Text, Timestamp
from streammesh.deployments.deployment import Deployment, ProductDeployment
from streammesh.engine.gathering.rows import written
from streammesh.engine.state import State
from streammesh.errors.engine import InputNotUnderstood, SchemaUnknown
from streammesh.platform.streams import Event
from streammesh.reconcile.proof import codec_of
from tests.products_mesh import ORDERS as FIELDS
from tests.products_mesh import PORTRAITS
from tests.unit.engine.gathering.test_products_of_products import filled
from tests.unit.engine.gathering.world import CUSTOMERS, LOG, ORDERS, World, customer, order
from tests.unit.engine.gathering.world import PORTRAITS as PORTRAITS_TOPIC
from tests.unit.planning.products_on_twins import Mesh


@pytest.fixture
def world(tmp_path: Path) -> World:
    return filled(World(tmp_path))


def evolved(folder: Path, *, read: bool = False) -> Mapping[str, Deployment]:
    """Give the deployments after orders got a field more, which portraits read or not."""
    mesh = Mesh(folder / "evolved")
    mesh.apply()
    mesh.product("sales", "orders", [*FIELDS, "{ name: note, logicalType: string }"], "")
    columns = "o.id AS order_id, o.customer_id, o.status, o.amount, o.placed_at, o.status AS note"
    mesh.edit("orders.v1.sql", "", f"SELECT {columns} FROM shop.orders o")
    if read:
        mesh.edit("portraits.v1.sql", "status: o.status", "status: coalesce(o.note, o.status)")
    mesh.apply()
    return mesh.platform.deployments.read()


def test_a_field_that_nobody_reads_changes_nothing(world: World, tmp_path: Path) -> None:
    world.deployments = evolved(tmp_path)
    before = len(world.streams.log(LOG)[0])
    world.publish(ORDERS, k10={**order(2), "note": "fragile"})
    world.gather()
    world.run()
    new = [json.loads(one.value) for one in world.streams.log(LOG)[0][before:]]
    begun = [one["id"] for one in new if one.get("status") == "BEGIN"]
    assert [one.partition("/")[0] for one in begun if "heartbeat" not in one] == [ORDERS]
    assert [one["op"] for one in new if one.get("op", "m") != "m"] == ["u"]
    assert world.documents() == world.now_expected()


def test_a_new_field_is_read_of_all_events_once_the_reader_is_applied(
    world: World, tmp_path: Path
) -> None:
    world.deployments = evolved(tmp_path, read=True)
    world.publish(ORDERS, k10={**order(2, 250, "fragile"), "note": "fragile"})
    count = len(world.published())
    world.gather()
    assert b"".join(one.value for one in world.streams.log(LOG)[0]).count(b"STARTED") == 2
    world.run()
    assert world.documents() == world.now_expected()
    assert len(world.published()) == count + 2, "only what differs"
    world.publish(CUSTOMERS, k1=customer("Ann", "Rome"))
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()


def test_a_schema_that_is_not_deployed_is_waited_for(world: World, tmp_path: Path) -> None:
    known = world.deployments
    world.deployments = evolved(tmp_path)
    world.publish(ORDERS, k10={**order(2), "note": "fragile"})
    newer, world.deployments = world.deployments, known
    with pytest.raises(SchemaUnknown, match=ORDERS):
        world.gather()
    world.deployments = {**known, f"product/{ORDERS}": newer[f"product/{ORDERS}"]}
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()


def test_an_event_that_no_engine_wrote_stops_with_its_place(world: World) -> None:
    writer = world.streams.writer("somebody", ORDERS, 0)
    writer.start()
    writer.begin()
    writer.write([Event(ORDERS, b"\0\0\0\0\1x", b"rubbish")])
    writer.commit()
    with pytest.raises(InputNotUnderstood, match="partition"):
        world.gather()


def test_a_transaction_id_with_a_colon_stays_one_name(world: World) -> None:
    found = world.deployments[f"product/{ORDERS}"]
    assert isinstance(found, ProductDeployment)
    world.publish(ORDERS, k10=order(2))
    last = world.streams.log(ORDERS)
    for partition in last:
        partition[-1:] = [
            replace(one, headers=(("mesh.tx", b"a:b"), *one.headers[1:])) for one in partition[-1:]
        ]
    world.gather()
    world.run()
    assert world.documents() == world.now_expected()


@pytest.mark.parametrize(
    ("kind", "value", "in_log"),
    [
        (Text(), "a", "a"),
        (Date(), "2026-01-31", "2026-01-31"),
        (Timestamp(), "2026-01-31T10:00:00.000000", "2026-01-31T10:00:00.000000Z"),
        (Timestamp(), None, None),
        (Json(), {"a": ["é", 1]}, '{"a":["é",1]}'),
        (Json(), '{"a":1}', '{"a":1}'),
        (Json(), None, None),
    ],
)
def test_values_stand_in_the_log_as_a_database_would_have_them(
    kind: object, value: object, in_log: object
) -> None:
    assert written(kind)(value) == in_log  # type: ignore[arg-type]


def test_an_engine_without_state_and_snapshot_says_so_and_is_given_one(world: World) -> None:
    world.publish(ORDERS, k10=order(2))
    world.gather()
    world.run()
    count = len(world.published())
    State.remove(world.path)
    last = max(n for n, one in enumerate(world.streams.log(LOG)[0]) if b'"COMPLETED"' in one.value)
    world.streams.drop_before(LOG, last + 4)
    assert world.run().lacks_snapshot
    world.gather(anew=True)
    assert not world.run().lacks_snapshot
    assert world.documents() == world.now_expected()
    assert len(world.published()) == count, "nothing differs"


def test_a_product_of_a_product_of_products(tmp_path: Path) -> None:
    mesh = Mesh(tmp_path / "chain")
    mesh.source("marketing.portraits.v1", name="more")
    fields = [PORTRAITS[0], PORTRAITS[1], "{ name: first, logicalType: string }", PORTRAITS[3]]
    columns = "p.customer_id, p.name, p.orders -> 0 ->> 'status' AS first, p.spent"
    sql = f"SELECT {columns} FROM mesh.marketing.portraits p WHERE p.spent > 2"
    mesh.product("marketing", "firsts", fields, sql)
    mesh.apply()
    world = World(tmp_path)
    world.deployments = mesh.platform.deployments.read()
    filled(world)
    further = copy.copy(world)
    further.name, further.path = "more", tmp_path / "state" / "more.sqlite"
    further.gather()
    further.run()
    tx = world.publish(ORDERS, k10=order(2, 500, "paid"))
    for one in (world, further):
        one.gather()
        one.run()
    codec = codec_of(world.product("marketing.firsts.v1"))
    events = [one for log in world.streams.log("marketing.firsts.v1") for one in log]
    events.sort(key=lambda one: one.transaction)
    assert [codec.decode_value(one.value) if one.value else None for one in events] == [
        {"customer_id": 1, "name": "Ann", "first": "new", "spent": "2.50"},
        None,
        {"customer_id": 2, "name": "Bo", "first": "paid", "spent": "5.00"},
    ]
    last = dict(events[-1].headers)
    assert last["mesh.tx"] == f"{PORTRAITS_TOPIC}/{ORDERS}/{tx}".encode()
    assert last["mesh.tx_events"] == b"2"
