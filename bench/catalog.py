"""How long the catalog takes to find a product, and to say whom a change affects.

BENCH_CATALOG=500 says how many products there are; without it, 10,000.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, select, text

from bench.catalog_mesh import DOMAINS, HUB_FIELD, mesh, product_name, typed
from bench.clock import median_ms, quantile, seconds_of
from bench.results import Result, compared, plain
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.graph import Point
from streammesh.catalog.kinds import Kind
from streammesh.catalog.schema import lineage

PRODUCTS = int(os.environ.get("BENCH_CATALOG", "10000"))
SEARCHES = 200

_SCAN = text(
    "SELECT domain, asset FROM fields WHERE path LIKE :part OR description LIKE :part"
    " UNION SELECT domain, domain || '.' || product FROM products"
    " WHERE product LIKE :part OR purpose LIKE :part LIMIT 20"
)
"""What one would write without an index for search; it forgives no typing error."""


def measure() -> list[Result]:
    """Measure recording, searching, impact, on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog.open(f"sqlite:///{Path(folder) / 'catalog.db'}")
        try:
            return [*_recorded(catalog), *_searched(catalog), *_affected(catalog)]
        finally:
            catalog.close()


def _recorded(catalog: Catalog) -> Iterator[Result]:
    registrations = list(mesh(PRODUCTS))
    size = f"{PRODUCTS:,} products in {DOMAINS} domains"

    def all_of_them() -> None:
        for one in registrations:
            catalog.record(one, who="bench", commit="")

    yield plain("catalog, first record of all", seconds_of(all_of_them), "s", size)
    again = seconds_of(lambda: catalog.record(registrations[0], who="bench", commit=""))
    yield plain("catalog, a domain recorded again", again * 1000, "ms", size)


def _searched(catalog: Catalog) -> Iterator[Result]:
    generator = random.Random(6)
    texts = [typed(generator, PRODUCTS) for _ in range(SEARCHES)]
    taken = [_milliseconds(lambda one=one: catalog.search(one)) for one in texts]
    with catalog.reading() as connection:
        scans = [_milliseconds(lambda one=one: _scan(connection, one)) for one in texts[:20]]
    baseline = ("LIKE over all", quantile(scans, 0.99))
    size = f"{SEARCHES} searches, {PRODUCTS:,} products"
    yield compared("catalog, search p99", quantile(taken, 0.99), "ms", size, baseline)
    yield plain("catalog, search p50", quantile(taken, 0.5), "ms", size)


def _scan(connection: Connection, one: str) -> None:
    connection.execute(_SCAN, {"part": f"%{one.split(maxsplit=1)[0]}%"}).all()


def _affected(catalog: Catalog) -> Iterator[Result]:
    hub = Point(Kind.PRODUCT, f"domain-0.{product_name(0)}.v1", "", HUB_FIELD)
    reached = len(catalog.impact(hub).versions)
    size = f"{reached} of {PRODUCTS:,} products affected"
    taken = median_ms(lambda: catalog.impact(hub))
    with catalog.reading() as connection:
        every = median_ms(lambda: connection.execute(select(lineage)).all(), at_least=1)
    yield compared("catalog, impact of a field", taken, "ms", size, ("reading all edges", every))


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
