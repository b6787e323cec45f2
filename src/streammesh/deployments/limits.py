"""How long the engine's Kafka transactions may take.

Agreed between plan, which asks the broker, and engine, which sets `transaction.timeout.ms`.
"""

from __future__ import annotations

from collections.abc import Iterable

from streammesh.deployments.deployment import ProductDeployment

EVENTS_PER_SECOND = 25_000
"""An engine on a busy machine: it is measured at more than twice that."""

SHORTEST_MS = 60_000

GATHERING_MS = 120_000
"""`transaction.timeout.ms` of what brings products into a log: their transactions are not split."""


def transaction_timeout_ms(products: Iterable[ProductDeployment]) -> int:
    """Give `transaction.timeout.ms` for the engine of a source that fills these products.

    A source transaction is one Kafka transaction over all products, each up to its
    `max_transaction_events`; beyond that it goes in parts.
    """
    events = sum(one.stream.max_transaction_events for one in products)
    return max(SHORTEST_MS, events * 1000 // EVENTS_PER_SECOND)
