"""Read what a plan has to know of access: the catalog's records, and other domains' versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from streammesh.catalog.access import AccessRecord
from streammesh.catalog.catalog import Catalog
from streammesh.documents.values import Environment, ProductName, Workspace
from streammesh.planning.access.judging import Judge
from streammesh.planning.access.left import left
from streammesh.planning.access.offered import offers, version_of
from streammesh.planning.access.sources import asking
from streammesh.planning.access.subscribed import Granting, Subscribed, subscribed
from streammesh.planning.observing.observed import Observed
from streammesh.planning.owner import of_consumer
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.desired import Desired
from streammesh.platform.stores import Resource

LOCAL = "local"


def read_subscriptions(
    workspace: Workspace,
    environment: Environment,
    platform: Platform,
    resources: Mapping[str, Resource],
    there: Collection[ProductName] = (),
) -> Subscribed | None:
    """Say what a workspace's subscriptions come to, and what its sources of products read.

    Args:
        workspace: the files.
        environment: where.
        platform: its catalog is read.
        resources: the records that stand, claims of domains among them.
        there: versions that sources of products can read.

    Returns:
        None where there is no catalog, and so nobody knows what was granted.

    Raises:
        CatalogUnreachable: the catalog can't be read.
    """
    if platform.catalog is None:
        return None
    consumed = asking(workspace, there)
    principals = {one.principal for one in consumed if one.principal}
    gone = left(workspace, platform, resources)
    here = gone | workspace.domains.keys()
    records = platform.catalog.access(here, principals)
    principals |= {one.principal for one in records if one.principal}
    if principals:
        records = platform.catalog.access(here, principals)
    domains = {version_of(one).domain for one in consumed}
    judge = judge_of(workspace, platform.catalog, records, domains)
    others = platform.catalog.principals() if principals else ()
    granting = granting_of(environment)
    return subscribed(workspace, records, judge, granting, elsewhere=others, left=gone, there=there)


def judge_of(
    workspace: Workspace | None,
    catalog: Catalog,
    records: Collection[AccessRecord],
    domains: Collection[str] = (),
) -> Judge:
    """Give what records are judged by, today.

    Args:
        workspace: the files; None for the catalog alone.
        catalog: the catalog.
        records: the records.
        domains: further domains whose versions are asked for.
    """
    subscriptions = () if workspace is None else asking(workspace)
    principals = {one.principal for one in records} | {one.principal for one in subscriptions}
    consuming = {one.domain for one in records} | set(workspace.domains if workspace else ())
    owners = {one.owner for one in records} | set(domains)
    return Judge(
        offers=offers(workspace, catalog, owners),
        refused=catalog.refused_access(consuming, {one for one in principals if one}),
        today=today(),
    )


def today() -> date:
    """Give the day, UTC: grants end with it."""
    return datetime.now(UTC).date()


def granting_of(environment: Environment, *, handed_over: bool | None = None) -> Granting:
    """Say how grants become rights in an environment.

    Args:
        environment: where.
        handed_over: whether consumers' users are left to `mesh access approve`; None for
            everywhere but on a local stack, which keeps passwords itself.
    """
    elsewhere = environment.stack != LOCAL if handed_over is None else handed_over
    return Granting(environment.names, environment.consumer_quota, elsewhere)


def with_subscriptions(wanted: Desired, found: Subscribed | None, observed: Observed) -> Desired:
    """Give what the files want, with what subscriptions want.

    Where nobody knows what was granted, nothing of a consumer is seen as unwanted.
    """
    if found is not None:
        return found.added_to(wanted)
    theirs = {one.owner for one in observed.resources.values() if of_consumer(one.owner)}
    return replace(wanted, incomplete=wanted.incomplete | theirs)
