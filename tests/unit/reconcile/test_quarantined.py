"""A proof lists a key in quarantine as such; what the quarantine's records say to a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streammesh.deployments.progress import Lsn
from streammesh.platform.memory.streams import MemoryStreams
from streammesh.reconcile.proof import Comparison, Proof, codec_of
from streammesh.reconcile.quarantined import held
from streammesh.reconcile.topic import TopicView, seen
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import CUSTOMERS, ORDERS, product
from tests.unit.engine.test_quality import customers, with_rules
from tests.unit.engine.test_recovery import fill

FENCE = Lsn(2**60)


def view(bench: Bench, topic: str) -> TopicView:
    found = TopicView()
    records = [(one.key or b"", seen(one.value, one.headers, "")) for one in bench.events(topic)]
    found.take(records, FENCE)
    return found


def proof(bench: Bench, topic: str) -> Proof:
    deployed = bench.products[topic]
    comparison = Comparison(deployed, codec_of(deployed), lambda _: True)
    rows = [(key, document) for key, document in bench.shop.documents()[topic].items()]
    refused = view(bench, deployed.quarantine).latest
    held_now = [key for key, one in refused.items() if one.value is not None]
    return comparison.compare(FENCE, rows, view(bench, topic), held_now)


def started(folder: Path, deployed: Any) -> Bench:
    bench = Bench(folder, deployed)
    fill(bench.shop)
    bench.shop.snapshot()
    bench.run()
    return bench


@pytest.mark.parametrize("topic", [ORDERS, CUSTOMERS])
def test_a_key_in_quarantine_is_listed_and_is_no_difference(tmp_path: Path, topic: str) -> None:
    if topic == ORDERS:
        bench = started(tmp_path, product("orders"))
        with bench.shop.transaction():
            bench.shop.put("orders", id=1, status="unheard of")
        key = {"order_id": 1}
    else:  # only the engine knows that another one has the value
        bench = started(tmp_path, with_rules(distinct=(("name",),)))
        customers(bench, c1=bench.shop.rows["customers"][2]["name"])
        key = {"customer_id": 1}
    bench.run()
    found = proof(bench, topic)
    assert found.quarantined_keys == (key,)
    assert found.differences == ()
    assert found.source_digest == found.product_digest


def test_what_is_published_against_its_contract_is_compared(tmp_path: Path) -> None:
    bench = started(tmp_path, product("orders", on_violation="warn"))
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="unheard of")
    bench.run()
    found = proof(bench, ORDERS)
    assert (found.quarantined, found.differences) == (0, ())


def test_keys_are_known_by_what_people_type(tmp_path: Path) -> None:
    bench = started(tmp_path, product("orders"))
    with bench.shop.transaction():
        bench.shop.put("orders", id=1, status="unheard of")
    bench.run()
    [one] = held(bench.streams, f"_quarantine.{ORDERS}")
    assert one.name == "1"
    assert [text for text in ("1", "order_id=1", "[1]", "2", '["1"]') if one.means(text)] == [
        "1",
        "order_id=1",
        "[1]",
    ]
    assert one.said == "`status` is none of the valid values"
    assert one.time is not None


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"{}", json.dumps({"key": 1}).encode()])
def test_a_record_that_no_engine_wrote_is_shown_as_such(value: bytes) -> None:
    streams = MemoryStreams()
    streams.append("q", value, b"\1\2")
    [one] = held(streams, "q")
    assert (one.name, "no engine" in one.reason) == ("0102", True)
