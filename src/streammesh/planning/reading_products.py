"""Which products are read by which: cycles among them, and who notices what becomes of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from streammesh.catalog.consumers import SOURCE
from streammesh.deployments.deployment import Deployment, ProductDeployment, SourceDeployment
from streammesh.documents.values import TableName
from streammesh.errors.planning import ProductCycle
from streammesh.models.compiled import reads
from streammesh.planning.observing.observed import Observed
from streammesh.planning.wanting.desired import Desired


@dataclass(frozen=True)
class Reader:
    """A product that reads another one.

    Attributes:
        product: the one that reads.
        table: what its model calls the other one.
    """

    product: ProductDeployment
    table: TableName

    @property
    def source(self) -> str:
        """The source by which it reads, as consumers are named."""
        return f"{SOURCE}{self.product.domain}.{self.product.source}"

    def reads(self, field: str) -> bool:
        """Tell whether its model reads a field (`status`, `customer.name`, `lines[].amount`)."""
        column = field.partition(".")[0].removesuffix("[]")
        return column in dict(self.product.model.columns).get(self.table, ())


def readers(desired: Desired, observed: Observed) -> dict[str, list[Reader]]:
    """Give who reads each product once the plan is applied, by the topic that is read."""
    after, found = _after(desired, observed), dict[str, list[Reader]]()
    for _, one in sorted(after.items()):
        if isinstance(one, ProductDeployment):
            for topic, table in _inputs(one, after):
                found.setdefault(topic, []).append(Reader(one, table))
    return found


def named(readers: Sequence[Reader]) -> str:
    """Name them for people: their topics."""
    return ", ".join(one.product.topic for one in readers)


def _after(desired: Desired, observed: Observed) -> dict[str, Deployment]:
    """Give what is deployed once the plan is applied."""
    stay = {
        key: one
        for key, one in observed.deployments.items()
        if one.domain not in desired.domains or key in desired.incomplete
    }
    sources = {one.deployment.key: one.deployment for one in desired.every_source}
    return {**stay, **sources, **{one.deployment.key: one.deployment for one in desired.products}}


def _inputs(
    one: ProductDeployment, after: Mapping[str, Deployment]
) -> Iterator[tuple[str, TableName]]:
    source = after.get(f"source/{one.domain}.{one.source}")
    if isinstance(source, SourceDeployment) and source.inputs:
        read = reads(one.model)
        yield from ((each.topic, each.table) for each in source.inputs if each.table in read)


def cycles(desired: Desired, observed: Observed) -> Iterator[ProductCycle]:
    """Find products that are made of themselves, over however many others."""
    if not desired.gathered:
        return
    after = _after(desired, observed)
    of = {
        one.topic: [topic for topic, _ in _inputs(one, after)]
        for one in after.values()
        if isinstance(one, ProductDeployment)
    }
    told: set[frozenset[str]] = set()
    for wanted in desired.products:
        way = _way_back(wanted.deployment.topic, of)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            where = wanted.built.contract.places.get("")
            yield ProductCycle(way=" ← ".join((*way, way[0])), where=where)


def _way_back(start: str, of: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Give a way from a product over what it reads back to itself; empty without one."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for topic in of.get(way[-1], ()):
            if topic == start:
                return way
            if topic not in seen:
                seen.add(topic)
                ways.append((*way, topic))
    return ()
