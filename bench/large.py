"""Transactions that are large: one row that stands in many documents, and many rows at once.

    python -m bench large        # BENCH_LARGE=1000000 documents

Without Kafka: the engine's own work, over a state with as many orders. Each is a process of its
own, whose memory is compared with what it took when the state was open and nothing was done yet.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.growth import in_process
from bench.results import Result, compared, plain
from bench.stack import running
from bench.target import orders

DOCUMENTS = int(os.environ.get("BENCH_LARGE", "1000000"))
KINDS = {"one row": "a city's new name", "all rows": "a transaction over all orders"}


def measure() -> list[Result]:
    """Build a state in which a city stands in so many documents, then change it, and all orders."""
    with running() as stack:
        target = orders(stack)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="streammesh-large-") as folder:
        size = DOCUMENTS * 11 // 10
        in_process("load", target, size, Path(folder), cities=1)
        for what, name in KINDS.items():
            found = in_process(what, target, size, Path(folder), cities=1)
            events = int(found["events"])
            assert events >= DOCUMENTS, found
            label = f"{events:,} events in one transaction"
            ready = ("state open, nothing done", found["ready_mb"])
            results += [
                plain(f"{name}: time", found["seconds"], "s", label),
                compared(f"{name}: memory", found["memory_mb"], "MB", label, ready),
            ]
    return results
