"""Which notices a plan makes and sends: of the versions that its files call deprecated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import Consumer
from streammesh.catalog.notices import DEPRECATED, Notice, Told
from streammesh.catalog.registering import asset_of
from streammesh.documents.ending import ending
from streammesh.documents.names import Names
from streammesh.documents.selection import port as select_port
from streammesh.documents.values import Domain, Port, Workspace
from streammesh.errors.documents import NoSuchProduct
from streammesh.planning.lifecycle.edits import text_of
from streammesh.planning.lifecycle.release import notes_path
from streammesh.planning.owner import mesh_owner
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.make_notice import MakeNotice
from streammesh.planning.steps.send_notices import SendNotices
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.desired import product_owner
from streammesh.planning.weighing.version_users import declared


def noticing(workspace: Workspace, names: Names, platform: Platform) -> tuple[Step, ...]:
    """Give the steps that make and send notices.

    Args:
        workspace: the files.
        names: of the environment.
        platform: its catalog is read.

    Raises:
        CatalogTooOld, CatalogTooNew, CatalogUnreachable: the catalog can't be read.
    """
    ports = [one for one in workspace.ports if one.status == "deprecated"]
    catalog = platform.catalog
    if catalog is None or not ports:
        return ()
    assets = tuple(map(asset_of, ports))
    readable = catalog.readable()
    known = {one.notice.notice: one for one in catalog.notices(assets)} if readable else {}
    using = _using(catalog.consumers(assets) if readable else {}, assets, workspace)
    made = tuple(
        MakeNotice(product_owner(one, names), notice, using[notice.asset])
        for one in ports
        for notice in (notice_of(one, workspace),)
        if _lacking(known.get(notice.notice), using[notice.asset])
    )
    return (*made, *_sending(platform, catalog, assets, made))


def notice_of(port: Port, workspace: Workspace) -> Notice:
    """Give the notice of a version that ends, as its files have it; not made yet."""
    domain, asset = workspace.domains[port.domain], asset_of(port)
    end = ending(port.contract.document)
    until = end.until.isoformat() if end.until else ""
    return Notice(
        notice=f"{asset}:{DEPRECATED}:{until or 'undated'}",
        asset=asset,
        domain=port.domain,
        kind=DEPRECATED,
        until=until,
        because=end.because,
        instead=end.instead,
        notes=_notes(end.instead, workspace),
        owner=_owner(domain),
    )


def _owner(domain: Domain) -> Mapping[str, str]:
    return {name: said for name, said in domain.owner.items() if said}


def _notes(instead: str, workspace: Workspace) -> str:
    """Give the release notes of the version that takes the place; empty without any here."""
    try:
        port = select_port(workspace, instead)
    except NoSuchProduct:
        return ""
    return text_of(Path(workspace.root), notes_path(workspace, port, port.version)) or ""


def _using(
    known: Mapping[str, Sequence[Consumer]], assets: Sequence[str], workspace: Workspace
) -> Mapping[str, tuple[str, ...]]:
    """Name who declares versions: of this workspace's consumers as its files say."""
    here = declared(workspace)
    return {
        asset: tuple(sorted({one.name for one in (*elsewhere, *here.get(asset, ()))}))
        for asset in assets
        for elsewhere in (_elsewhere(known.get(asset, ()), workspace),)
    }


def _elsewhere(consumers: Sequence[Consumer], workspace: Workspace) -> Iterator[Consumer]:
    return (one for one in consumers if one.name and one.domain not in workspace.domains)


def _lacking(told: Told | None, using: Sequence[str]) -> bool:
    """Tell whether a notice has to be made, or lacks a consumer."""
    return told is None or bool({*using} - {one.consumer for one in told.recipients})


def _sending(
    platform: Platform, catalog: Catalog, assets: Sequence[str], made: Sequence[MakeNotice]
) -> Iterator[Step]:
    if platform.notifier is None:
        return
    waiting = platform.notifier.pending(catalog, assets) if catalog.readable() else ()
    wanted = {one.notice.asset for one in waiting}
    wanted |= {one.notice.asset for one in made if one.consumers}
    if wanted:
        yield SendNotices(mesh_owner(), tuple(sorted(wanted)), len(waiting))
