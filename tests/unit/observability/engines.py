"""Activities as an engine would leave them."""

from __future__ import annotations

from streammesh.deployments.progress import Lsn, ProductProgress
from streammesh.engine.activity import Activity
from tests.unit.engine.shop import product

TOPIC = "sales.orders.v1"
NOW = 1_800_000_000.0


def busy() -> Activity:
    """An engine that has published some orders, and is three records behind."""
    activity = Activity(doing="following", position="0/4A3F2C8", log_offset=97, log_end=100)
    activity.time_ms = int((NOW - 2) * 1000)
    deployment = product("orders")
    activity.products = {deployment.topic: deployment}
    activity.progress = {
        deployment.topic: ProductProgress(deployment.digest, "live", Lsn(1), Lsn(2))
    }
    activity.counters.transactions, activity.counters.changes = 30, 50
    work(activity, 100)
    activity.kafka.add((0.004, 0.03))
    return activity


def work(activity: Activity, events: int) -> None:
    """Let the engine publish events, each 40 ms after its commit."""
    (topic,) = activity.products
    one = activity.counters.of(topic)
    one.documents += events + 3
    one.published += events
    one.unchanged += 1
    one.filtered += 1
    one.quarantined += 1
    one.told = "1 to _quarantine.sales.orders.v1, the last: status: too long"
    one.waiting.extend([int(NOW * 1000) - 40] * events)
    activity.counters.committed(NOW * 1000)
