"""What one source's engine has to run, picked from all deployments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from streammesh.deployments.deployment import (
    Deployment,
    ProductDeployment,
    SourceDeployment,
)
from streammesh.deployments.requests import Request
from streammesh.errors.engine import NothingDeployed, ProductNotHere

RUNNING = frozenset({"draft", "active", "deprecated"})
"""Status words of products that are kept up to date; a retired one is not."""


@dataclass(frozen=True)
class Deployed:
    """What a source's engine has to run.

    Attributes:
        source: what is captured.
        products: by topic.
        requests: what somebody wants of these products, in the order of their writing.
        schemas: of each product that is a table of the source, those that its events were written
            with, by topic and id.
    """

    source: SourceDeployment
    products: Mapping[str, ProductDeployment]
    requests: tuple[Request, ...] = ()
    schemas: Mapping[str, Mapping[int, str]] = field(default_factory=dict, compare=False)


def deployed(deployments: Mapping[str, Deployment | Request], domain: str, source: str) -> Deployed:
    """Pick what one source's engine has to run.

    Args:
        deployments: all of them, by key, and the requests beside them.
        domain: of the source.
        source: its name.

    Raises:
        NothingDeployed: when the source is not deployed.
    """
    own = deployments.get(f"source/{domain}.{source}")
    if not isinstance(own, SourceDeployment):
        raise NothingDeployed(source=f"{domain}.{source}")
    products = {
        one.topic: one
        for _, one in sorted(deployments.items())
        if isinstance(one, ProductDeployment)
        and (one.domain, one.source) == (domain, source)
        and one.status in RUNNING
    }
    asked = (one for one in deployments.values() if isinstance(one, Request))
    requests = sorted((one for one in asked if one.topic in products), key=lambda one: one.id)
    return Deployed(own, products, tuple(requests), _schemas(own, deployments))


def _schemas(
    source: SourceDeployment, deployments: Mapping[str, Deployment | Request]
) -> dict[str, dict[int, str]]:
    inputs = ((one.topic, deployments.get(f"product/{one.topic}")) for one in source.inputs)
    return {topic: one.schemas for topic, one in inputs if isinstance(one, ProductDeployment)}


def named(deployments: Deployed, names: Collection[str]) -> frozenset[str]:
    """Give the topics of products by what people call them.

    Args:
        deployments: of one source.
        names: `orders`, `sales.orders`, `sales.orders.v1`; one without a version is all of them.

    Raises:
        ProductNotHere: there is none of that name.
    """
    found: set[str] = set()
    for name in names:
        topics = {topic for topic, one in deployments.products.items() if name in _names(one)}
        if not topics:
            source = f"{deployments.source.domain}.{deployments.source.source}"
            known = ", ".join(sorted(deployments.products)) or "there are none"
            raise ProductNotHere(product=name, source=source, fix=f"one of: {known}")
        found |= topics
    return frozenset(found)


def _names(one: ProductDeployment) -> set[str]:
    port = {f"{one.product}.{one.port}", one.product}
    return {one.topic, *port, *(f"{one.domain}.{name}" for name in port)}


class Reconfigured(Exception):
    """The next session starts with new deployments, which this one can't take."""
