"""Records of the private log that are not what Debezium writes: changed at random, or by others.

A record that can't be understood must end in a named error, never in a traceback; one that can be
is a change like any other. All of them are counted: taken or refused.
"""

from __future__ import annotations

import copy
import json
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from chaos.checker import Event, Expected, Verdict, check
from chaos.results import Result
from chaos.shop import PRODUCTS, ChaosShop
from streammesh.engine.counters import Counters
from streammesh.engine.log import LogDecoder
from streammesh.engine.runs import gather
from streammesh.engine.shard import Shard
from streammesh.engine.state import State
from streammesh.errors import MeshError
from streammesh.platform.memory.streams import Stored
from streammesh.platform.streams import Chunk
from streammesh.reconcile.proof import codec_of
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import CUSTOMERS, LOG, ORDERS, product

DEEP = b'{"op":"c","after":' + b"[" * 5000 + b"]" * 5000 + b"}"
FOREIGN: tuple[bytes | None, ...] = (
    *(None, b"", b"null", b"[]", b"{}", b"0", b'"text"', b"\xff\xfe", b"{", b"\x00" * 10, DEEP),
    b'{"op":"c"}',
    b'{"op":"u","source":{"schema":"public","table":"orders"}}',
    b'{"op":"r","source":{"schema":"public","table":"orders"},"after":{"id":1}}',
    b'{"op":"t","source":{"schema":"public","table":"unheard of"}}',
    b'{"status":"BEGIN"}',
    b'{"status":"END","id":"1"}',
    b'{"status":"END","id":"1:x","ts_ms":1}',
    b'{"status":"BEGIN","id":":"}',
    b'{"aggregate_type":"Initial Snapshot"}',
    b'{"aggregate_type":"Initial Snapshot","type":"TABLE_SCAN_COMPLETED","additional_data":[]}',
    b'{"streammesh":"snapshot"}',
    b'{"streammesh":"snapshot","phase":"table","snapshot":"x"}',
    b'{"op":"m","message":{"prefix":"x","content":"no hex"}}',
)
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1 << 63, 10**40, 1.5, 1e308, "", "x", "\u0000", "x" * 200_000, [], {}),
    *([[]], {"a": {}}, "NaN", "__debezium_unavailable_value", "9" * 400, "2026-99-99T00:00:00Z"),
)

Records = list[bytes | None]


def mutated(folder_name: str, count: int, seed: int) -> Result:
    """Feed changed records into an engine's decoder and shard, one after the other.

    Each time the state is as it was, and one record of a few transactions is changed.
    """
    dice = Random(seed)
    result, began = Result(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix=folder_name) as name:
        bench, shop = _running(Path(name), seed)
        products = list(bench.products.values())
        state, counters = State(bench.path, bench.source), Counters()
        state.begin()
        shard = Shard(state, products, counters)
        shard.prepare()
        state.commit(state.progress())
        position = bench.progress.inputs["sales.shop"].position
        for number in range(count):
            if number % 50 == 0:
                again = copy.deepcopy(shop)
                again.dice = Random(seed + number)
                again.work(3)
                clean: Records = list(again.take())
            records = _mutate(list(clean), dice)
            decoder = LogDecoder(LOG, position)
            state.begin()
            _feed(decoder, shard, records, result, lambda: counters.balanced)
            state.rollback()
            result.done += 1
        state.close()
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _feed(
    decoder: LogDecoder,
    shard: Shard,
    records: Records,
    result: Result,
    balanced: Callable[[], bool],
) -> None:
    chunk = Chunk(range(len(records)), [None] * len(records), records)
    try:
        for run in gather(decoder.feed(chunk)):
            if isinstance(run, list):
                shard.process(run)
                result.transactions += len(run)
        result.unbalanced += not balanced()
    except MeshError:
        result.alarms += 1
    except Exception:
        result.crashes += 1
        if len(result.told) < 5:
            result.told.append(traceback.format_exc()[-900:])


def foreign(folder_name: str, count: int, seed: int) -> Result:
    """Put records of others into logs, and let whole engines run over them.

    Whether they go on or stop: what they have published has to be right.
    """
    result, began = Result(), time.monotonic()
    for number in range(count):
        with tempfile.TemporaryDirectory(prefix=folder_name) as name:
            bench, shop = _running(Path(name), seed + number)
            shop.work(6)
            records: Records = list(shop.take())
            place = Random(seed + number).randrange(len(records))
            records.insert(place, FOREIGN[number % len(FOREIGN)])
            for value in records:
                bench.streams.append(LOG, value)
            _run(bench, result)
            _judge(bench, shop, result)
            result.done += 1
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _run(bench: Bench, result: Result) -> None:
    try:
        bench.run()
    except MeshError:
        result.alarms += 1
    except Exception:
        result.crashes += 1
        result.told.append(traceback.format_exc()[-1500:])


def _judge(bench: Bench, shop: ChaosShop, result: Result) -> None:
    verdict = Verdict()
    since = bench.progress.inputs["sales.shop"].generation.position.value
    for topic, name in PRODUCTS.items():
        # a product that waits for a table to be read again is complete up to where it stopped
        until = bench.progress.deployments[topic].position.value
        expected = Expected(shop.oracles[name], since, until)
        codec = codec_of(bench.products[topic])
        events = [
            event_of(number, one, codec)
            for number, partition in enumerate(bench.streams.log(topic))
            for one in partition
        ]
        check(expected, events, verdict)
    for name in ("lost", "doubled", "torn", "reordered", "wrong", "transactions", "events"):
        setattr(result, name, getattr(result, name) + getattr(verdict, name))
    result.told.extend(verdict.told[: 5 - len(result.told)])


def event_of(partition: int, one: Stored, codec: Any) -> Event:
    """Read a record of a product's topic."""
    headers = dict(one.headers)
    return Event(
        partition,
        next(iter(codec.decode_key(one.key or b"").values())),
        None if one.value is None else codec.decode_value(one.value),
        int(headers["mesh.position"], 16),
        int(headers["mesh.tx_events"]) if "mesh.tx" in headers else None,
    )


def _running(folder: Path, seed: int) -> tuple[Bench, ChaosShop]:
    """Give an engine that has published a snapshot and some transactions of a shop."""
    bench = Bench(folder, product("orders"), product("customers"))
    assert set(bench.products) == {ORDERS, CUSTOMERS}
    shop = ChaosShop(seed)
    shop.snapshot()
    shop.work(5)
    shop.heartbeat()
    for value in shop.take():
        bench.streams.append(LOG, value)
    bench.run()
    return bench, shop


# --- mutations


def _mutate(records: Records, dice: Random) -> Records:
    place = dice.randrange(len(records))
    value = records[place] or b""
    what = dice.randrange(10)
    if what == 0:
        records[place] = _bits(value, dice)
    elif what == 1:
        records[place] = value[: dice.randrange(len(value))]
    elif what == 2:
        records.insert(place, dice.choice(FOREIGN))
    elif what == 3:
        records.insert(place, value)
    elif what == 4:
        del records[place]
    elif what == 5:
        records[place] = dice.randbytes(dice.randrange(200))
    else:
        records[place] = _value_changed(value, dice)
    return records


def _bits(value: bytes, dice: Random) -> bytes:
    changed = bytearray(value)
    for _ in range(dice.choice((1, 1, 3, 20))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _value_changed(value: bytes, dice: Random) -> bytes:
    """Change, remove or add a value somewhere in the record."""
    content = json.loads(value)
    places: list[tuple[dict[str, Any], str]] = []
    _places(content, places)
    holder, name = dice.choice(places)
    what = dice.randrange(6)
    if what == 0:
        del holder[name]
    elif what == 1:
        holder[dice.choice(("id", "op", "before", "after", "new", "status"))] = dice.choice(VALUES)
    else:
        holder[name] = dice.choice(VALUES)
    return json.dumps(content, ensure_ascii=dice.random() < 0.5).encode()


def _places(content: Any, found: list[tuple[dict[str, Any], str]]) -> None:
    if isinstance(content, dict):
        for name, value in content.items():
            found.append((content, name))
            _places(value, found)


Made = Callable[[str, int, int], Result]
KINDS: Sequence[tuple[str, Made, int, int]] = (
    ("garbage-mutated", mutated, 10_000, 200_000),
    ("garbage-foreign", foreign, 50, 1_000),
)
"""Name, what does it, how often in the small and the large size."""
