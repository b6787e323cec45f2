"""What stops the end of a version: those who use it. Asked by `mesh retire`, and at every plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import Consumer
from streammesh.catalog.notice_book import NoticeBook
from streammesh.catalog.notices import Forced
from streammesh.documents.names import Names
from streammesh.documents.values import ProductName, Subscription, Workspace
from streammesh.errors.lifecycle import NotYet
from streammesh.notices.sending import newest
from streammesh.planning.lifecycle.left import Left, left, table
from streammesh.planning.lifecycle.windows import windows
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.delete_topic import DeleteTopic
from streammesh.planning.steps.end_force import EndForce
from streammesh.planning.steps.remove_deployment import RemoveDeployment

_PRODUCT = "product/"


@dataclass(frozen=True)
class Ends:
    """What a plan finds about versions that end with it.

    Attributes:
        problems: those that can't end.
        steps: what the catalog is told of those that end by force.
    """

    problems: tuple[NotYet, ...] = ()
    steps: tuple[Step, ...] = ()


def ends(
    steps: Iterable[Step], workspace: Workspace, names: Names, catalog: Catalog | None, today: date
) -> Ends:
    """Check the versions whose deployments a plan ends, or whose topics it deletes.

    Args:
        steps: of the plan.
        workspace: the files.
        names: of the environment.
        catalog: what the mesh knows; None where nothing is known.
        today: the day.
    """
    ended = {names.bare(topic): one for one in steps for topic in _ended(one)}
    if not ended or catalog is None or not catalog.standing():
        return Ends()
    found = who_is_left(ended.keys(), workspace, catalog, today)
    forced = _forced(catalog, ended.keys())
    return Ends(
        problems=tuple(
            refusal(asset, some)
            for asset, some in found.items()
            if some and not _covered(some, forced.get(asset, ()))
        ),
        steps=tuple(EndForce(ended[asset].owner, asset) for asset in forced),
    )


def _ended(step: Step) -> Iterator[str]:
    """Give the topic of the version that a step ends; nothing of most steps."""
    match step:
        case RemoveDeployment(key=key) if key.startswith(_PRODUCT):
            yield key.removeprefix(_PRODUCT)
        case DeleteTopic(record=record) if record.owner.startswith(_PRODUCT):
            yield record.owner.removeprefix(_PRODUCT)


def who_is_left(
    assets: Collection[str], workspace: Workspace, catalog: Catalog, today: date
) -> Mapping[str, tuple[Left, ...]]:
    """Give who still needs versions; of this workspace's consumers the files tell what they read.

    Args:
        assets: the versions.
        workspace: the files.
        catalog: its tables stand.
        today: the day.
    """
    told = {one.notice.asset: one for one in newest(catalog.notices(assets))}
    return {
        asset: left(*_consumers(asset, known, workspace), told.get(asset), today, windows())
        for asset, known in catalog.consumers(assets).items()
    }


def _consumers(
    asset: str, known: Sequence[Consumer], workspace: Workspace
) -> tuple[tuple[Consumer, ...], frozenset[str]]:
    """Give the consumers of a version, and which of them have moved away in these files."""
    here = {one.name: one for one in subscribers(workspace, asset)}
    names = {one.name for one in known}
    new = (one for name, one in here.items() if name not in names)
    ours = {name for name in names if name.partition("/")[0] in workspace.domains}
    return (*known, *new), frozenset(ours - here.keys())


def subscribers(workspace: Workspace, asset: str) -> Iterator[Consumer]:
    """Give who of a workspace subscribes to a version, as its files say."""
    for domain in workspace.domains.values():
        for one in domain.subscriptions:
            if asset_read(one) == asset:
                yield Consumer(
                    asset=asset,
                    name=f"{one.domain}/{one.name}",
                    consumer=one.consumer,
                    principal=one.principal or "",
                    purpose=one.purpose,
                    contact=one.contact,
                    fields=one.fields,
                )


def asset_read(one: Subscription) -> str:
    """Name the version that a subscription reads."""
    domain, product, *port = one.product.split(".")
    return str(ProductName(domain, product, port[0] if port else product, one.version))


def refusal(asset: str, some: Sequence[Left]) -> NotYet:
    """Say that a version can't be retired, and who is in the way."""
    count = "1 consumer is" if len(some) == 1 else f"{len(some)} consumers are"
    fix = (
        "ask them to move to another version, then try again;\n"
        f"or `mesh retire {asset} --force --reason …`, which cuts them off"
    )
    return NotYet(product=asset, count=count, why="\n".join(table(some)), fix=fix)


def _forced(catalog: Catalog, assets: Collection[str]) -> Mapping[str, tuple[Forced, ...]]:
    """Give what was forced and is not applied yet, by version."""
    found: dict[str, tuple[Forced, ...]] = {}
    for one in NoticeBook(catalog).forced(assets):
        if not one.applied_at:
            found[one.asset] = (*found.get(one.asset, ()), one)
    return found


def _covered(some: Iterable[Left], forced: Iterable[Forced]) -> bool:
    """Tell whether all who are left were left when somebody forced it."""
    known = {name for one in forced for name in one.left}
    return all(one.name in known for one in some)
