"""Desired against observed, one kind of resource per module; pure."""

from __future__ import annotations

from streammesh.planning.diff import (
    access,
    gathered,
    products,
    quotas,
    removals,
    schemas,
    sources,
    topics,
    users,
)
from streammesh.planning.findings import Findings, added
from streammesh.planning.observing.observed import Observed
from streammesh.planning.wanting.desired import Desired


def diff(desired: Desired, observed: Observed, *, delete_data: bool = False) -> Findings:
    """Give the steps from what stands to what is wanted, unordered.

    Args:
        desired: what the files want.
        observed: what stands.
        delete_data: topics of products that nothing wants any more are deleted.
    """
    return added(
        (
            topics.diff(desired, observed),
            users.diff(desired, observed),
            quotas.diff(desired, observed),
            access.diff(desired, observed),
            schemas.diff(desired, observed),
            sources.diff(desired, observed),
            gathered.diff(desired, observed),
            products.diff(desired, observed),
            removals.diff(desired, observed, delete_data=delete_data),
        )
    )
