"""Two products written by hand, a source that gathers them, and a product made of both."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from streammesh.deployments.deployment import Deployment, ProductDeployment, SourceDeployment
from streammesh.deployments.progress import KEY, Progress, decode
from streammesh.engine.activity import Activity
from streammesh.engine.deployed import Deployed, deployed
from streammesh.engine.gathering.gatherer import Gatherer
from streammesh.engine.session import Session
from streammesh.platform.memory.streams import MemoryFollower, MemoryReader, MemoryStreams
from streammesh.platform.streams import Chunk, Event, Record
from streammesh.reconcile.proof import codec_of
from tests.unit.planning.products_on_twins import Mesh

CUSTOMERS, ORDERS, PORTRAITS = "crm.customers.v1", "sales.orders.v1", "marketing.portraits.v1"
LOG, PROGRESS = "_cdc.marketing.others", "_mesh.progress.marketing.others"
WHEN = "2026-01-31T10:00:00.000000Z"

Rows = dict[int, dict[str, Any]]


@cache
def applied() -> Mapping[str, Deployment]:
    """Give the deployments of the mesh of three domains."""
    with TemporaryDirectory() as folder:
        mesh = Mesh(Path(folder) / "three")
        mesh.apply()
    return mesh.platform.deployments.read()


class _StopsAtEnd(MemoryReader):
    """Asks the session to stop when the log has been read to its end."""

    stop: threading.Event

    def read(self, timeout: float) -> Chunk:
        chunk = super().read(timeout)
        if not len(chunk):
            self.stop.set()
        return chunk


class Dripping(MemoryFollower):
    """Shows of each partition a few records more at a time, as brokers do."""

    pick: random.Random

    def read(self, timeout: float) -> list[Record]:
        before, ends = self.reached(), self.ends()
        until = {n: min(ends[n], at + self.pick.choice([0, 0, 1, 2])) for n, at in before.items()}
        if timeout and before == ends:
            time.sleep(timeout)
        shown = [one for one in super().read(timeout) if one.offset < until[one.partition]]
        self.seek(until)
        return shown


class World:
    """Streams in memory with the deployments of the mesh of three domains."""

    def __init__(self, folder: Path) -> None:
        self.deployments = applied()
        self.name = "others"
        self.path = folder / "state" / "marketing.others.sqlite"
        self.streams = MemoryStreams(partitions=dict.fromkeys((CUSTOMERS, ORDERS, PORTRAITS), 4))
        self.rows: dict[str, Rows] = {CUSTOMERS: {}, ORDERS: {}}
        self.after: dict[str, dict[str, Rows]] = {CUSTOMERS: {"": {}}, ORDERS: {"": {}}}
        """The rows of each product after each of its transactions, by `mesh.tx`."""
        self.number = 0
        self.told: list[str] = []
        self.now = 1_780_000_000.0
        self.pick = random.Random(1)
        self.streams.follow = self.follow  # type: ignore[method-assign]

    def follow(self, topic: str) -> Dripping:
        """Open a reader that sees a little at a time."""
        opened = Dripping(self.streams, topic)
        opened.pick = self.pick
        return opened

    # --- what is deployed

    @property
    def deployed(self) -> Deployed:
        return deployed(self.deployments, "marketing", self.name)

    @property
    def source(self) -> SourceDeployment:
        return self.deployed.source

    def product(self, topic: str) -> ProductDeployment:
        found = self.deployments[f"product/{topic}"]
        assert isinstance(found, ProductDeployment)
        return found

    # --- what the two products publish

    def events(self, topic: str, changed: Mapping[int, Any], tx: str, position: int) -> list[Event]:
        """Give the events of a transaction, as an engine makes them."""
        product = self.product(topic)
        codec = codec_of(product)
        headers = (
            ("mesh.tx", tx.encode()),
            ("mesh.tx_events", b"%d" % len(changed)),
            ("mesh.position", b"%016X" % position),
            ("mesh.time", b"1780000000123"),
            ("mesh.deployment", product.digest.encode()),
        )
        values = [
            None if row is None else codec.encode_values([json.dumps(row)])[0]
            for row in changed.values()
        ]
        keys = codec.encode_keys([(key,) for key in changed])
        return [Event(topic, k, v, headers) for k, v in zip(keys, values, strict=True)]  # type: ignore[arg-type]

    def publish(self, topic: str, **changed: Any) -> str:
        """Publish a transaction: `publish(ORDERS, k7={...}, k8=None)`; give its id."""
        self.number += 1
        tx, rows = str(self.number), self.rows[topic]
        key = "customer_id" if topic == CUSTOMERS else "order_id"
        found = {
            int(name[1:]): None if row is None else {key: int(name[1:]), **row}
            for name, row in changed.items()
        }
        for number, row in found.items():
            if row is None:
                rows.pop(number)
            else:
                rows[number] = row
        self.after[topic][tx] = dict(rows)
        writer = self.streams.writer(f"engine of {topic}", topic, 0)
        writer.start()
        writer.begin()
        writer.write(self.events(topic, found, tx, 8 * self.number))
        writer.commit()
        return tx

    def compact(self, topic: str) -> None:
        """Leave only the newest event of each key, as offsets that were there have holes."""
        for partition in self.streams.log(topic):
            newest = {one.key: at for at, one in enumerate(partition)}
            # a twin has no holes: what is gone is replaced by the event that made it go
            partition[:] = [partition[newest[one.key]] for one in partition]

    # --- running

    def gatherer(self) -> Gatherer:
        def clock() -> float:
            self.now += 0.001
            return self.now

        return Gatherer(self.source, self.deployed.schemas, self.streams, clock=clock)

    def gather(self, *, anew: bool = False) -> None:
        """Run a new gatherer until there is nothing more."""
        gatherer = self.gatherer()
        try:
            gatherer.start(anew=anew)
            idle = 0
            while idle < 30:
                idle = 0 if gatherer.step(0) else idle + 1
        finally:
            gatherer.close()

    def run(self) -> Session:
        """Run a new session until the log's end; give it."""
        activity, stop = Activity(), threading.Event()

        def reader(topic: str) -> MemoryReader:
            opened = _StopsAtEnd(self.streams, topic)
            opened.stop = stop
            return opened

        self.streams.reader = reader  # type: ignore[method-assign]
        session = Session(
            self.deployed, self.streams, self.path, activity, stop, told=self.told.append
        )
        session.run()
        assert activity.counters.balanced
        return session

    @property
    def progress(self) -> Progress:
        records = [r.value for r in self.streams.log(PROGRESS)[0] if r.key == KEY]
        return decode(records[-1] or b"")

    # --- what came of it

    def documents(self) -> Rows:
        """What a consumer has who read everything."""
        found: Rows = {}
        for *_, key, value in self.published():
            _apply(found, key, value)
        return found

    def published(self) -> list[tuple[int, str, int, Any]]:
        """The events of the product: Kafka transaction, `mesh.tx`, key, document."""
        codec = codec_of(self.product(PORTRAITS))
        every = [one for partition in self.streams.log(PORTRAITS) for one in partition]
        every.sort(key=lambda one: (one.transaction, dict(one.headers)["mesh.position"]))
        return [
            (
                one.transaction,
                dict(one.headers).get("mesh.tx", b"").decode(),
                next(iter(codec.decode_key(one.key or b"").values())),
                None if one.value is None else codec.decode_value(one.value),
            )
            for one in every
        ]

    def logged(self) -> list[str]:
        """The transactions of the products in the log's newest generation, in its order."""
        found: list[str] = []
        for one in self.streams.log(LOG)[0]:
            record = json.loads(one.value or b"")
            if record.get("type") == "STARTED":
                found = []
            if record.get("status") == "END" and "/" in record["id"]:
                found.append(record["id"].partition(":")[0])
        return [one for one in found if not one.startswith("snapshot/")]

    def expected(self, customers: Rows, orders: Rows) -> Rows:
        """Compute the documents from rows, in plain Python."""
        return {key: self._portrait(row, orders) for key, row in customers.items()}

    def _portrait(self, row: Mapping[str, Any], orders: Rows) -> dict[str, Any]:
        mine = [orders[o] for o in sorted(orders) if orders[o]["customer_id"] == row["customer_id"]]
        paid = [one["amount"] for one in mine if one["amount"] is not None]
        listed = [{n: one[n] for n in ("order_id", "status", "placed_at")} for one in mine]
        spent = f"{sum(paid) / 100:.2f}" if paid else None
        return {**row, "spent": spent, "orders": listed or None}

    def now_expected(self) -> Rows:
        return self.expected(self.rows[CUSTOMERS], self.rows[ORDERS])

    def check_every_commit(self) -> int:
        """Check each event's document against the rows as its transaction left them.

        Every transaction moves one product on, in that product's own order; what was published
        before stays. Gives how many transactions were checked.
        """
        at = {CUSTOMERS: "", ORDERS: ""}
        before: dict[str, list[tuple[int, int, Any]]] = {}
        seen: Rows = {}
        for kafka, tx, key, value in self.published():
            if not tx:
                _apply(seen, key, value)
            else:
                before.setdefault(tx, []).append((kafka, key, value))
        events = before
        order = self.logged()
        for topic in at:
            mine = [one.rpartition("/")[2] for one in order if one.startswith(topic)]
            assert mine == sorted(mine, key=int), "a product's transactions keep their order"
            assert len(mine) == len(set(mine)), "each is there once"
            # what the snapshot had in it
            rest = [tx for tx in self.after[topic] if tx and tx not in mine]
            at[topic] = rest[-1] if rest else ""
        for one in order:
            topic, _, tx = one.rpartition("/")
            at[topic] = tx
            mine_now = events.pop(one, [])
            assert len({kafka for kafka, *_ in mine_now}) <= 1, f"{one} is torn"
            for _, key, value in mine_now:
                _apply(seen, key, value)
            rows = {topic: self.after[topic][tx] for topic, tx in at.items()}
            assert seen == self.expected(rows[CUSTOMERS], rows[ORDERS]), f"after {one}"
        assert not events
        return len(order)


def _apply(found: Rows, key: int, value: Any) -> None:
    if value is None:
        del found[key]  # a tombstone of a key that is not there would be spurious
    else:
        assert found.get(key) != value, f"spurious event for {key}"
        found[key] = value


def customer(name: str, city: str | None = None) -> dict[str, Any]:
    return {"name": name, "city": city}


def order(customer: int, amount: int | None = 250, status: str = "new") -> dict[str, Any]:
    return {"customer_id": customer, "status": status, "amount": amount, "placed_at": WHEN}
