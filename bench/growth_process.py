"""One state, loaded or changed, in a process of its own; what to do comes on stdin.

Not started by hand: `bench.growth` and `bench.large` do it.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.debezium import TABLES, Log
from bench.memory import peak_mb
from streammesh.deployments import deployment
from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.deployments.progress import Generation, Input, Lsn
from streammesh.engine.counters import Counters
from streammesh.engine.log import Envelope, LogDecoder
from streammesh.engine.run import look_for_cycles_rarely
from streammesh.engine.runs import gather
from streammesh.engine.shard import Shard
from streammesh.engine.state import State
from streammesh.platform.streams import Chunk

BATCH = 50_000
CHUNK = 20_000
KEPT = 30


def main() -> None:
    """Do what is asked, and print the figures as JSON."""
    order: dict[str, Any] = msgspec.json.decode(sys.stdin.buffer.read())
    found = [deployment.decode(k, v.encode()) for k, v in order["deployments"].items()]
    (source,) = [one for one in found if isinstance(one, SourceDeployment)]
    products = [one for one in found if isinstance(one, ProductDeployment)]
    look_for_cycles_rarely()
    path, size = Path(order["state"]), int(order["orders"])
    log = Log(size, cities=int(order["cities"]))
    if order["what"] == "load":
        figures = _load(path, source, products, log)
    else:
        log.follow_snapshot()
        makes = {
            "change": lambda: log.transactions(int(order["changes"])),
            "one row": log.city_renamed,
            "all rows": log.all_sent,
        }
        figures = _change(path, source, products, makes[order["what"]]())
    sys.stdout.buffer.write(msgspec.json.encode(figures))


def _load(
    path: Path, source: SourceDeployment, products: list[ProductDeployment], log: Log
) -> dict[str, float]:
    began = time.monotonic()
    state = State(path, source)
    state.begin()
    shard = Shard(state, products, Counters())
    shard.start_generation()
    rows = 0
    for table in TABLES:
        for batch in _batches(log, table):
            shard.load(batch)
            rows += len(batch)
    shard.adopt_generation()
    state.commit(None)
    place = Input(Lsn(1), 1, 0, Generation(0, 1, Lsn(1)))
    for product in products:
        parts, number, last = shard.count_parts(product.topic), 0, False
        while not last:
            state.begin()
            _, last = shard.part(product.topic, number, parts, place)
            state.commit(None)
            number += 1
    state.close()
    seconds = time.monotonic() - began
    return {"rows": rows, "loaded_seconds": seconds, "state_bytes": path.stat().st_size}


def _batches(log: Log, table: str) -> Iterator[list[Envelope]]:
    rows = (row for _, row in log.rows(table))
    decode = msgspec.json.Decoder(Envelope).decode
    head = f'{{"op":"r","source":{{"schema":"public","table":"{table}"}},"after":'
    while texts := list(itertools.islice(rows, BATCH)):
        yield [decode(f"{head}{text}}}") for text in texts]


def _change(
    path: Path,
    source: SourceDeployment,
    products: list[ProductDeployment],
    records: Iterator[tuple[bytes, bytes]],
) -> dict[str, float]:
    chunks = _chunks(records)
    few = list(itertools.islice(chunks, KEPT))
    # these are made before time is taken; of a larger transaction, making the rest counts too
    chunks = itertools.chain(few, chunks)
    began = time.monotonic()
    state = State(path, source)
    state.begin()
    counters = Counters()
    shard = Shard(state, products, counters)
    shard.prepare()
    state.commit(None)
    ready = time.monotonic() - began
    before = peak_mb()
    events = 0
    decoder = LogDecoder(source.log)
    wall, cpu = time.monotonic(), time.process_time()
    for chunk in chunks:
        for run in gather(decoder.feed(chunk)):
            assert isinstance(run, list)
            state.begin()
            events += len(shard.process(run))
            state.commit(None)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    state.close()
    return {
        "ready_seconds": ready,
        "change_micros": cpu / counters.changes * 1e6,
        "wall_micros": wall / counters.changes * 1e6,
        "memory_mb": peak_mb(),
        "ready_mb": before,
        "events": events,
        "seconds": wall,
    }


def _chunks(records: Iterator[tuple[bytes, bytes]]) -> Iterator[Chunk]:
    at = 0
    while some := list(itertools.islice(records, CHUNK)):
        keys: list[bytes | None] = [key for key, _ in some]
        values: list[bytes | None] = [value for _, value in some]
        yield Chunk(range(at, at + len(some)), keys, values)
        at += len(some)


if __name__ == "__main__":
    main()
