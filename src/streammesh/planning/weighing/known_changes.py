"""Ask the catalog what changes for consumers; it is read, never written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.known_versions import KnownVersion
from streammesh.catalog.registering import asset_of
from streammesh.deployments.deployment import ProductDeployment
from streammesh.documents.names import Names
from streammesh.documents.values import Workspace
from streammesh.planning.findings import Note
from streammesh.planning.observing.observed import Observed
from streammesh.planning.owner import mesh_owner
from streammesh.planning.reading_products import readers
from streammesh.planning.wanting.desired import Desired
from streammesh.planning.weighing.changing import ChangedVersion, changed_versions, with_consumers
from streammesh.planning.weighing.version_users import Owners, made_of, subscribed, users

Changed = Mapping[str, ChangedVersion]
"""Versions that change, by the owner's key."""


def known_changes(
    workspace: Workspace,
    names: Names,
    wanted: Desired,
    observed: Observed,
    catalog: Catalog | None,
) -> tuple[Changed, tuple[Note, ...]]:
    """Say what changes for consumers of the versions that stand, and what is not known of it.

    Args:
        workspace: the files.
        names: those of the environment.
        wanted: what the files want.
        observed: what stands.
        catalog: what the mesh knows; None where nothing is recorded.

    Raises:
        CatalogUnreachable, CatalogTooOld, CatalogTooNew: the catalog can't be read.
    """
    if catalog is None:
        return {}, ()
    versions = catalog.versions(wanted.domains) if catalog.readable() else {}
    changed, notes = changed_versions(workspace, names, versions)
    unknown = tuple(_unknown(wanted, observed, versions))
    if not changed:
        return {}, (*unknown, *notes)
    seen = catalog.consumers({one.asset for one in changed})
    here, read = subscribed(workspace), readers(wanted, observed)
    reading = {each.product.domain for one in changed for each in read.get(one.topic, ())}
    owners = _owners(workspace, reading, catalog)
    now = datetime.now(UTC)
    told = {}
    for one in changed:
        said = (*here.get(one.asset, ()), *made_of(one.asset, read.get(one.topic, ()), owners))
        who = users(seen[one.asset], said, workspace.domains, now)
        told[one.owner.key] = with_consumers(one, who)
    return told, (*unknown, *notes)


def _owners(workspace: Workspace, domains: set[str], catalog: Catalog) -> Owners:
    """Give who owns domains: the files say so of their own, the catalog of the others."""
    here = {name: workspace.domains[name].owner for name in domains if name in workspace.domains}
    elsewhere = domains - here.keys()
    return {**here, **(catalog.owners(elsewhere) if elsewhere else {})}


def _unknown(
    wanted: Desired, observed: Observed, versions: Mapping[str, KnownVersion]
) -> Iterator[Note]:
    """Warn where products run that the catalog has never heard of."""
    labels = sorted(
        one.owner.label
        for one in wanted.products
        if isinstance(observed.deployments.get(one.deployment.key), ProductDeployment)
        and asset_of(one.built.port) not in versions
    )
    if labels:
        more = f" and {len(labels) - 3:,} more" if labels[3:] else ""
        text = (
            f"the catalog knows nothing of {', '.join(labels[:3])}{more}: who relies on what is "
            "not known, so only what no reader could read is refused; the next apply records it"
        )
        yield Note(mesh_owner(), text, "!")
