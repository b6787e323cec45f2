"""A transaction that touches many documents: computed some at a time, published as one."""

from __future__ import annotations

import pytest

from streammesh.engine import documents, shard
from tests.unit.engine.harness import Bench, check_every_commit
from tests.unit.engine.shop import ORDERS


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
    monkeypatch.setattr(documents, "AT_ONCE", 3)
    made = Bench(tmp_path)
    shop = made.shop
    shop.rows["cities"][1] = {"id": 1, "name": "Bern", "country": "CH"}
    shop.rows["customers"][1] = {"id": 1, "name": "Ada", "email": "a@example.com", "city_id": 1}
    for number in range(1, 9):
        order = {"id": number, "customer_id": 1, "status": "new", "placed_at": WHEN}
        shop.rows["orders"][number] = order
    shop.snapshot()
    return made


WHEN = "2026-01-31T10:00:00.000000Z"


def test_it_is_one_transaction_for_consumers(bench: Bench) -> None:
    with bench.shop.transaction():
        bench.shop.put("cities", id=1, name="Basel")
    bench.run()
    check_every_commit(bench, ORDERS)
    events = [one for one in bench.events(ORDERS) if "mesh.tx" in dict(one.headers)]
    assert len(events) == 8
    assert {dict(one.headers)["mesh.tx_events"] for one in events} == {b"8"}
    assert len({one.transaction for one in events}) == 1


def test_it_says_how_far_it_is(bench: Bench, monkeypatch) -> None:
    said: list[str] = []
    tell = shard.Shard._tell

    def told(self, topic: str, count: int, done: int) -> None:
        tell(self, topic, count, done)
        said.append(self.doing.args[0].doing)

    monkeypatch.setattr(shard.Shard, "_tell", told)
    with bench.shop.transaction():
        bench.shop.put("cities", id=1, name="Basel")
    bench.run()
    assert f"publishing {ORDERS}: 6 of 8 documents touched at once" in said
