"""What an engine has done since it started.

In = out + unchanged + filtered + quarantined + skipped.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from streammesh.engine.histogram import DELAY_SECONDS, Histogram

_OF_SOURCE = ("transactions", "changes", "repeated", "rounds", "commits", "replayed")
_OF_PRODUCT = (
    "documents",
    "published",
    "unchanged",
    "filtered",
    "quarantined",
    "skipped",
    "warned",
)

# once for each commit, of all products
_values: Callable[[object], tuple[int, ...]] = operator.attrgetter(*_OF_PRODUCT)


@dataclass
class ProductCounters:
    """Counts of one product since the start.

    Attributes:
        documents: documents that were evaluated ("in").
        published: events written, tombstones included ("out").
        unchanged: evaluated, and as published before.
        filtered: evaluated, no document, and none published before.
        quarantined: evaluated, and not publishable.
        skipped: not evaluated, since a violation blocks the product.
        warned: of those published, how many violate the contract.
        told: what went to quarantine last and why, in words; empty when nothing did.
        delays: from the source's commit until Kafka had committed, one for each source transaction
            that the product has events of; seconds.
        waiting: when the source committed the transactions whose events are not committed yet,
            milliseconds since 1970.
    """

    documents: int = 0
    published: int = 0
    unchanged: int = 0
    filtered: int = 0
    quarantined: int = 0
    skipped: int = 0
    warned: int = 0
    told: str = ""
    delays: Histogram = field(default_factory=lambda: Histogram(DELAY_SECONDS))
    waiting: list[int] = field(default_factory=list)

    def as_dict(self) -> dict[str, int]:
        """Give all counts by name."""
        return {name: getattr(self, name) for name in _OF_PRODUCT}

    @property
    def balanced(self) -> bool:
        """Whether each document that came in is counted once as what became of it."""
        out = self.published + self.unchanged + self.filtered + self.quarantined + self.skipped
        return self.documents == out

    def committed(self, now_ms: float) -> None:
        """Count the delays of what was waiting: it is visible now."""
        if self.waiting:
            self.delays.add([max(0.0, (now_ms - one) / 1000) for one in self.waiting])
            self.waiting.clear()

    def restore(self, before: tuple[int, ...]) -> None:
        """Go back to earlier counts, which had nothing waiting."""
        for name, value in zip(_OF_PRODUCT, before, strict=True):
            setattr(self, name, value)
        self.waiting.clear()


@dataclass(frozen=True)
class Snapshot:
    """All counts at one moment, between two runs of transactions.

    Attributes:
        source: by name.
        products: by topic, each in the order of their names.
    """

    source: dict[str, int]
    products: dict[str, tuple[int, ...]]


@dataclass
class Counters:
    """Counts since the start.

    Attributes:
        transactions: of the source, processed.
        changes: rows in them.
        repeated: transactions that the log held a second time.
        rounds: evaluations in bulk.
        commits: Kafka transactions.
        replayed: transactions processed again after a crash, published before it.
        products: counts of each product, by topic.
    """

    transactions: int = 0
    changes: int = 0
    repeated: int = 0
    rounds: int = 0
    commits: int = 0
    replayed: int = 0
    products: dict[str, ProductCounters] = field(default_factory=dict)

    def of(self, topic: str) -> ProductCounters:
        """Give a product's own counts, which are these counts' part of it."""
        return self.products.setdefault(topic, ProductCounters())

    def as_dict(self) -> dict[str, int]:
        """Give all counts by name, those of the products added up."""
        own = {name: getattr(self, name) for name in _OF_SOURCE}
        return own | {name: self._sum(name) for name in _OF_PRODUCT}

    def snapshot(self) -> Snapshot:
        """Keep the counts as they are now."""
        products = {topic: _values(one) for topic, one in self.products.items()}
        return Snapshot({name: getattr(self, name) for name in _OF_SOURCE}, products)

    def restore(self, before: Snapshot) -> None:
        """Go back to earlier counts: what was done since is done again."""
        for name, value in before.source.items():
            setattr(self, name, value)
        for topic, one in self.products.items():
            one.restore(before.products.get(topic, (0,) * len(_OF_PRODUCT)))

    def committed(self, now_ms: float) -> None:
        """Count the delays of what has just become visible."""
        for one in self.products.values():
            one.committed(now_ms)

    def _sum(self, name: str) -> int:
        return sum(getattr(one, name) for one in self._all())

    def _all(self) -> Iterable[ProductCounters]:
        # a list: another thread than the engine's may be asking
        return list(self.products.values())

    @property
    def documents(self) -> int:
        """Documents that were evaluated, of all products."""
        return self._sum("documents")

    @property
    def published(self) -> int:
        """Events written, of all products."""
        return self._sum("published")

    @property
    def unchanged(self) -> int:
        """Documents as published before, of all products."""
        return self._sum("unchanged")

    @property
    def filtered(self) -> int:
        """Keys without a document, of all products."""
        return self._sum("filtered")

    @property
    def quarantined(self) -> int:
        """Documents that can't be published, of all products."""
        return self._sum("quarantined")

    @property
    def skipped(self) -> int:
        """Documents of blocked products, which were not evaluated."""
        return self._sum("skipped")

    @property
    def warned(self) -> int:
        """Documents published against their contract, of all products."""
        return self._sum("warned")

    @property
    def told(self) -> str:
        """What went to quarantine last, in words; of the last product by name that has some."""
        return next((one.told for _, one in sorted(self.products.items()) if one.told), "")

    @property
    def balanced(self) -> bool:
        """Whether in = out + unchanged + filtered + quarantined + skipped, for each product."""
        return all(one.balanced for one in self._all())
