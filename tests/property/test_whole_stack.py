"""A few generated databases through everything: Connect, Debezium, Kafka, the engine.

And what Debezium wrote meanwhile is what its twin writes. STREAMMESH_SEED says which ones.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.engine.activity import Activity
from streammesh.engine.deployed import Deployed
from streammesh.engine.recovery import read_progress
from streammesh.engine.session import Session
from streammesh.local.stack import Stack
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.memory.streams import Stored
from streammesh.reconcile.topic import TopicReader
from tests.integration.capture.captured import Captured
from tests.property.cases import Case, cases
from tests.property.checks import Difference, check
from tests.property.debezium import Twin, compared
from tests.property.driver import Driver
from tests.property.server import Server
from tests.property.world import (
    Told,
    deployed_products,
    deployed_source,
    expected,
    explain,
    source_of,
)

SECONDS = 60
SEED = int(os.environ.get("STREAMMESH_SEED", "3"))


class Whole:
    """One example on the real stack; all that it makes is removed again."""

    def __init__(self, stack: Stack, case: Case, folder: Path) -> None:
        self.case, self.folder = case, folder
        names = [f"{one.schema}.{one.name}" for one in case.database.tables]
        self.captured = Captured(stack, names)
        self.products: dict[str, ProductDeployment] = {}
        info = stack.info()
        url = (
            f"postgresql://{self.captured.domain}:{self.captured.password}"
            f"@{info.postgres_host}:{info.postgres_port}/{self.captured.database}"
        )
        self.server = Server(url)

    def close(self) -> None:
        self.server.close()
        made = [*self.products, *(one.quarantine for one in self.products.values())]
        self.captured.admin.delete_topics(made)
        self.captured.close()

    def run(self) -> None:
        server, case, captured = self.server, self.case, self.captured
        server.prepare(list(case.database.statements()), case.database)
        source = source_of(case.database, captured.domain)
        tables = captured.tables_now()
        self.products = deployed_products(case, source, tables)
        driver = Driver(server, partial(expected, server, self.products))
        driver.begin(case.rows)
        captured.start()
        server.changes()
        twin = Twin(tables)
        driver.run(case.steps)
        keys = {(one.name.schema, one.name.name): one.primary_key for one in tables}
        mine = [compared(one.value, one.headers, keys) for one in twin.stream(server.changes())]
        self._publish(deployed_source(tables, captured.domain), driver)
        try:
            self._same_log({str(one[1]) for one in mine if one[0] == "END"}, mine, keys)
            check(self.products, self._events, driver.history)
        except Difference as difference:
            raise Difference(explain(Told(case, self.products, driver), str(difference))) from None

    def _publish(self, source: SourceDeployment, driver: Driver) -> None:
        """Run the engine until it has published all that was committed."""
        for product in self.products.values():
            topics = (TopicSpec(product.topic, 3, 1), TopicSpec(product.quarantine, 1, 1))
            self.captured.admin.create_topics(topics)
        streams = ConfluentStreams(self.captured.kafka, source.principal)
        stop = threading.Event()
        deployed = Deployed(source, self.products)
        session = Session(deployed, streams, self.folder / "state.sqlite", Activity(), stop)
        thread = threading.Thread(target=session.run)
        thread.start()
        try:
            end = self.server.lsn()
            deadline = time.monotonic() + SECONDS
            while self._position(streams, source) < end:
                assert time.monotonic() < deadline, "the engine does not come to the end"
                assert thread.is_alive(), "the engine has ended"
                time.sleep(0.3)
        finally:
            stop.set()
            thread.join(30)

    def _position(self, streams: ConfluentStreams, source: SourceDeployment) -> int:
        progress = read_progress(streams, source)
        if progress is None:
            return 0
        (one,) = progress.inputs.values()
        return int(one.position.value)

    def _same_log(self, txids: set[str], mine: Sequence[tuple[Any, ...]], keys: Any) -> None:
        records = self.captured.wait(
            lambda found: (
                txids <= {one.value["id"].partition(":")[0] for one in found if one.kind == "END"}
            )
        )
        real = [
            compared(one.value, one.headers, keys) for one in records if one.kind != "heartbeat"
        ]
        theirs, ours = _transactions(real, txids), _transactions(mine, txids)
        for txid in txids:
            if ours.get(txid) != theirs.get(txid):
                raise Difference(f"{txid}: {theirs.get(txid)}, the twin has {ours.get(txid)}")

    def _events(self, topic: str) -> list[Stored]:
        """Give a topic's events in the order of their positions, which is that of the commits."""
        reader = TopicReader(self.captured.kafka, topic, "property.test")
        try:
            records = list(reader.new_records())
        finally:
            reader.close()
        found = [
            Stored(key, value, tuple(headers.items()), int(headers["mesh.position"], 16))
            for key, headers, value, _ in records
        ]
        return sorted(found, key=lambda one: one.transaction)


def _transactions(
    records: Sequence[tuple[Any, ...]], txids: set[str]
) -> Mapping[str, list[tuple[Any, ...]]]:
    """Give the records of each transaction that changed captured rows."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    txid = ""
    for one in records:
        if one[0] == "BEGIN":
            txid = one[1]
        if one[0] != "m":  # heartbeats: the twin has its own
            found.setdefault(txid, []).append(one)
    return {txid: rows for txid, rows in found.items() if txid in txids}


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    return iter(tmp_path / str(number) for number in range(1000))


@pytest.mark.slow
def test_generated_databases_through_everything(stack: Stack, folders: Iterator[Path]) -> None:
    @seed(SEED)
    @settings(
        max_examples=5,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(least=150))
    def examples(case: Case) -> None:
        whole = Whole(stack, case, next(folders))
        try:
            whole.run()
        finally:
            whole.close()

    examples()
