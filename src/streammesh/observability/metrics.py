"""An engine's figures as Prometheus metrics; docs/metrics.md says what each means.

Nothing is counted here: at each scrape the engine's own counters are read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from streammesh import __version__
from streammesh.engine.activity import Activity
from streammesh.engine.histogram import Histogram
from streammesh.errors.observability import MetricsExtraMissing
from streammesh.observability.figures import PHASES, phase, state_bytes

try:
    from prometheus_client import CollectorRegistry, ProcessCollector
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
        Metric,
    )
    from prometheus_client.registry import Collector
except ModuleNotFoundError as error:
    raise MetricsExtraMissing from error

SOURCE_COUNTERS = {
    "transactions": "Transactions of the source that were processed.",
    "changes": "Rows that they changed.",
    "rounds": "Evaluations in bulk.",
    "repeated": "Transactions that the log held a second time, and that were left out.",
    "replayed": "Transactions processed again after a crash, published before it.",
}

PRODUCT_COUNTERS = {
    "documents": "Documents that came in: events + unchanged + filtered + quarantined + skipped.",
    "published": "Events published, tombstones included.",
    "unchanged": "Documents that were as published before.",
    "filtered": "Keys without a document, and without one before.",
    "quarantined": "Documents that could not be published.",
    "skipped": "Documents of a blocked product, which were not evaluated.",
    "warned": "Events published although they violate the contract.",
}

CALLED = {
    "repeated": "repeated_transactions",
    "replayed": "replayed_transactions",
    "published": "events",
}
"""Where a metric has another name than the counter."""

OF_SOURCE, OF_PRODUCT = ["source"], ["source", "product"]


class EngineCollector(Collector):
    """Reads an engine's figures whenever somebody asks for them."""

    def __init__(
        self,
        source: str,
        activity: Activity,
        state: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep what to read.

        Args:
            source: `domain.source`, in every metric's label `source`.
            activity: what the engine tells of itself.
            state: the state's file.
            clock: gives seconds since 1970.
        """
        self._source, self._activity, self._state = source, activity, state
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Give all metrics as of now."""
        yield from self._counters()
        yield from self._gauges()
        yield self._phases()
        yield from self._products()
        yield self._deployments()

    def _counters(self) -> Iterator[Metric]:
        for name, help_text in SOURCE_COUNTERS.items():
            family = CounterMetricFamily(_name(name), help_text, labels=OF_SOURCE)
            family.add_metric([self._source], getattr(self._activity.counters, name))
            yield family
        durations = HistogramMetricFamily(
            _name("kafka_transaction_seconds"),
            "From the begin of a Kafka transaction until it was committed.",
            labels=OF_SOURCE,
        )
        _add(durations, [self._source], self._activity.kafka)
        yield durations

    def _gauges(self) -> Iterator[Metric]:
        one = self._activity
        position = one.position.replace("/", "")
        values = {
            "lag_records": ("Records of the private log not processed yet.", one.lag),
            "lag_seconds": (
                "How far behind the source at most; 0 when nothing is left to be read.",
                one.lag_seconds(self._clock()),
            ),
            "state_bytes": ("Size of the state's files.", state_bytes(self._state)),
            "position_lsn": (
                "Last committed position in the source's log, as a number.",
                _lsn(one.position) if position else 0,
            ),
            "position_timestamp_seconds": (
                "When the source committed the last committed position, since 1970.",
                one.time_ms / 1000,
            ),
            "in_trouble": (
                "1 while the engine waits for something outside, such as Kafka.",
                1 if one.trouble else 0,
            ),
        }
        for name, (help_text, value) in values.items():
            family = GaugeMetricFamily(_name(name), help_text, labels=OF_SOURCE)
            family.add_metric([self._source], value)
            yield family
        build = GaugeMetricFamily(_name("build_info"), "The version.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build

    def _phases(self) -> Metric:
        family = GaugeMetricFamily(
            _name("phase"),
            "1 for what the engine is doing, 0 for all else.",
            labels=[*OF_SOURCE, "phase"],
        )
        current = phase(self._activity.doing)
        for name in sorted(set(PHASES.values())):
            family.add_metric([self._source, name], 1 if name == current else 0)
        return family

    def _products(self) -> Iterator[Metric]:
        counters = self._activity.counters
        topics = sorted(self._activity.products)
        for name, help_text in PRODUCT_COUNTERS.items():
            family = CounterMetricFamily(
                _name(CALLED.get(name, name)), help_text, labels=OF_PRODUCT
            )
            for topic in topics:
                family.add_metric([self._source, topic], getattr(counters.of(topic), name))
            yield family
        delays = HistogramMetricFamily(
            _name("delay_seconds"),
            "From the source's commit until Kafka had committed the product's events of it.",
            labels=OF_PRODUCT,
        )
        for topic in topics:
            _add(delays, [self._source, topic], counters.of(topic).delays)
        yield delays

    def _deployments(self) -> Metric:
        family = GaugeMetricFamily(
            _name("deployment_info"),
            "1 for each product that runs: its version, the deployment in force, and its status.",
            labels=[*OF_PRODUCT, "version", "digest", "status"],
        )
        progress = self._activity.progress
        for topic, one in sorted(self._activity.products.items()):
            its = progress.get(topic)
            digest, status = ("", "") if its is None else (its.digest, its.status)
            family.add_metric([self._source, topic, one.version, digest, status], 1)
        return family


def registry(source: str, activity: Activity, state: Path) -> CollectorRegistry:
    """Give all metrics of one engine's process; see `EngineCollector`."""
    found = CollectorRegistry()
    found.register(EngineCollector(source, activity, state))
    ProcessCollector(registry=found)
    return found


def _name(name: str) -> str:
    return f"streammesh_{CALLED.get(name, name)}"


def _lsn(text: str) -> int:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) | int(low, 16)


def _add(family: HistogramMetricFamily, labels: list[str], values: Histogram) -> None:
    """Add the buckets as Prometheus has them: each counts all that lies below its bound."""
    held = values.copy()
    below, buckets = 0, []
    for bound, count in zip((*map(str, held.bounds), "+Inf"), held.counts, strict=True):
        below += count
        buckets.append((bound, below))
    family.add_metric(labels, buckets, held.total)
