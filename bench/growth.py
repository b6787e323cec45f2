"""What a change costs as the state grows, how soon an engine is ready, what a row takes on disk.

    python -m bench growth        # BENCH_GROWTH=100000,1000000,10000000 root rows

Without Kafka: the engine's own work, on the same changes as in `engine`, over states of several
sizes. The ratio is that to the smallest state of the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.results import Result, compared, plain
from bench.stack import running
from bench.target import Target, orders
from streammesh.deployments import deployment

SIZES = [int(one) for one in os.environ.get("BENCH_GROWTH", "100000,1000000").split(",")]
CHANGES = int(os.environ.get("BENCH_GROWTH_CHANGES", "100000"))


@dataclass(frozen=True)
class Grown:
    """What was measured on one state; other figures of its process are left out.

    Attributes:
        rows: in all tables.
        loaded_seconds: from nothing until tables, indexes and mirror were there.
        state_bytes: size of the closed file.
        ready_seconds: from opening the file until the first transaction could be processed.
        change_micros: processor time of a change.
        wall_micros: time of a change.
        memory_mb: peak resident memory while changes were processed.
    """

    rows: int
    loaded_seconds: float
    state_bytes: int
    ready_seconds: float
    change_micros: float
    wall_micros: float
    memory_mb: float


def measure() -> list[Result]:
    """Build a state of each size, and process changes over it."""
    with running() as stack:
        target = orders(stack)
    grown = {size: _grow(target, size) for size in sorted(SIZES)}
    smallest = min(grown)
    results: list[Result] = []
    for size, one in grown.items():
        label = f"{size:,} orders, {one.rows:,} rows"
        cost = (f"{smallest:,} orders", grown[smallest].change_micros)
        results += [
            compared(f"growth, {size:,}: cost", one.change_micros, "µs CPU/change", label, cost),
            plain(f"growth, {size:,}: time", one.wall_micros, "µs/change", label),
            plain(f"growth, {size:,}: start", one.ready_seconds, "s", label),
            plain(f"growth, {size:,}: disk", one.state_bytes / one.rows, "bytes/row", label),
            plain(f"growth, {size:,}: memory", one.memory_mb, "MB", label),
        ]
    return results


def _grow(target: Target, size: int) -> Grown:
    """Measure one size; loading and changing are processes of their own, so that peaks tell."""
    with tempfile.TemporaryDirectory(prefix="streammesh-growth-") as folder:
        loaded = in_process("load", target, size, Path(folder))
        changed = in_process("change", target, size, Path(folder))
    return msgspec.convert(loaded | changed, Grown)


def in_process(
    what: str, target: Target, size: int, folder: Path, cities: int = 100
) -> dict[str, float]:
    """Load a state of so many orders into a folder, or change one that stands there; give figures.

    Args:
        what: "load", "change", "one row" (of the first city) or "all rows" (of the orders).
        target: what the state is of.
        size: how many orders there are.
        folder: of the state.
        cities: that customers live in.
    """
    order = {
        "what": what,
        "deployments": {
            one.key: deployment.encode(one).decode() for one in (target.source, target.product)
        },
        "orders": size,
        "changes": CHANGES,
        "cities": cities,
        "state": str(folder / "state.sqlite"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.growth_process"],
        input=msgspec.json.encode(order),
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = msgspec.json.decode(done.stdout)
    print(f"{size:,} orders: {what} {found}", file=sys.stderr)
    return found
