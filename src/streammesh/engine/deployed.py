"""What one source's engine has to run, picked from all deployments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streammesh.deployments.deployment import (
    Deployment,
    ProductDeployment,
    SourceDeployment,
)
from streammesh.errors.engine import NothingDeployed

RUNNING = frozenset({"draft", "active", "deprecated"})
"""Status words of products that are kept up to date; a retired one is not."""


@dataclass(frozen=True)
class Deployed:
    """What a source's engine has to run.

    Attributes:
        source: what is captured.
        products: by topic.
    """

    source: SourceDeployment
    products: Mapping[str, ProductDeployment]


def deployed(deployments: Mapping[str, Deployment], domain: str, source: str) -> Deployed:
    """Pick what one source's engine has to run.

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
    return Deployed(own, products)


class Reconfigured(Exception):
    """The next session starts with new deployments, which this one can't take."""
