"""How long a plan takes for a large mesh, on a live broker and registry.

    BENCH_PRODUCTS=200 BENCH_TOPICS=1600 python -m bench plan     # 2,000 and 16,000 when left out

The products are the example's orders over one small database, two hundred to a source; the other
topics belong to nobody here, and have access rights, as on a cluster that many share. Setting up
this size takes some minutes: 16,000 topics, and an apply of 2,000 products. All of it stays in
the stack, so it should be one of its own, which is what it gets without BENCH_STACK.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.clock import median_ms
from bench.commands import mesh
from bench.results import Result, compared, plain
from bench.stack import admin, running
from streammesh.cli.platform import platform_of
from streammesh.demo import example
from streammesh.documents import workspace as documents
from streammesh.local.components import kafka as broker
from streammesh.local.stack import Stack
from streammesh.planning import service
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.kafka import Acl, TopicSpec

PRODUCTS = int(os.environ.get("BENCH_PRODUCTS", "2000"))
TOPICS = int(os.environ.get("BENCH_TOPICS", "16000"))
IN_A_SOURCE = 200
RIGHTS = 3
"""Access rights for each topic of others."""

HEAP_MB = 3000
"""For 16,000 topics the broker needs more than the local stack gives it."""

DATABASE = "planned"
TOGETHER = 500


def measure() -> list[Result]:
    """Apply a large mesh, and plan it again and again."""
    kept, broker.HEAP_MB = broker.HEAP_MB, HEAP_MB
    try:
        with running() as stack, _workspace(stack) as root:
            _database(stack)
            _others(stack)
            applied = _apply(root)
            return [*_planned(root), plain("apply of all products", applied, "s", _size())]
    finally:
        broker.HEAP_MB = kept


def _size() -> str:
    return f"{PRODUCTS:,} products, {TOPICS:,} topics"


def _planned(root: Path) -> Iterator[Result]:
    help_ms = median_ms(lambda: mesh("--help"), seconds=5)

    def plan() -> None:
        mesh("-C", str(root), "plan")

    nothing = median_ms(plan, seconds=30)
    yield compared("mesh plan, nothing to do", nothing, "ms", _size(), ("mesh --help", help_ms))
    _product(root, PRODUCTS)
    one = median_ms(plan, seconds=30)
    yield compared("mesh plan, one product more", one, "ms", _size(), ("nothing to do", nothing))
    begun = time.monotonic()
    mesh("-C", str(root), "apply", "--yes")
    took = (time.monotonic() - begun) * 1000
    yield compared("mesh apply, one product more", took, "ms", _size(), ("its plan", one))


def _others(stack: Stack) -> None:
    """Make the topics of others, with their rights, as many as there shall be in all."""
    kafka = ConfluentKafkaAdmin(admin(stack))
    count = TOPICS - 2 * PRODUCTS
    names = [f"other.team{n % 97}.topic{n}" for n in range(count)]
    for start in range(0, count, TOGETHER):
        some = names[start : start + TOGETHER]
        print(f"\rtopics of others: {some[-1]}", end="", file=sys.stderr, flush=True)
        kafka.create_topics(TopicSpec(name, 1, 1, {"retention.ms": "86400000"}) for name in some)
        kafka.create_acls(
            Acl(f"team{at + right}", "topic", "literal", name, "read")
            for at, name in enumerate(some)
            for right in range(RIGHTS)
        )
    print(file=sys.stderr)


def _apply(root: Path) -> float:
    print("applying …", file=sys.stderr)
    begun = time.monotonic()
    workspace = documents.load(root)
    environment = workspace.environments["local"]
    platform = platform_of(root, environment)
    planned = service.plan(workspace, environment, platform)
    for problem in planned.problems:
        raise problem
    service.apply(planned, platform)
    return time.monotonic() - begun


def _database(stack: Stack) -> None:
    os.environ["SHOP_DATABASE_URL"] = stack.info().postgres_url(DATABASE)
    _run(stack, "postgres", f'CREATE DATABASE "{DATABASE}"')
    _run(stack, DATABASE, (example.original() / "database" / "schema.sql").read_text())


def _run(stack: Stack, database: str, statement: str) -> None:
    with psycopg.connect(stack.info().postgres_url(database), autocommit=True) as session:
        session.execute(statement.encode())


@contextmanager
def _workspace(stack: Stack) -> Iterator[Path]:
    """Write the files beside those that the stack was started for: its own are in `.mesh`."""
    root = stack.layout.home.parent
    kept = Path(tempfile.mkdtemp(prefix="streammesh-bench-"))
    shutil.move(root / "domains", kept)
    try:
        for number in range(PRODUCTS):
            _product(root, number)
        yield root
    finally:
        shutil.rmtree(root / "domains", ignore_errors=True)
        shutil.move(kept / "domains", root)


def _product(root: Path, number: int) -> None:
    """Write a product, and its domain with a source when it is the first of it."""
    original = example.original() / "domains" / "sales"
    domain = f"domain{number // IN_A_SOURCE}"
    folder = root / "domains" / domain
    if not folder.exists():
        (folder / "sources").mkdir(parents=True)
        _copied(original / "domain.yaml", folder / "domain.yaml", domain)
        source = "sources/shop.source.yaml"
        _copied(original / source, folder / source, domain)
    name = f"orders{number}"
    place = folder / "products" / name
    place.mkdir(parents=True)
    for file in sorted((original / "products" / "orders").iterdir()):
        _copied(file, place / file.name.replace("orders.", f"{name}."), domain, name)


def _copied(file: Path, target: Path, domain: str, name: str = "") -> None:
    text = file.read_text()
    if file.name == "domain.yaml":
        text = text.replace("name: sales", f"name: {domain}")
    if name:
        text = text.replace("sales.orders", f"{domain}.{name}").replace(
            "name: orders\n", f"name: {name}\n"
        )
        text = text.replace("domain: sales", f"domain: {domain}")
        # hundreds of products of one source share the longest transaction that brokers allow
        text = text.replace("partitions: 4", "partitions: 1\n      max_transaction_events: 2000")
    target.write_text(text)
