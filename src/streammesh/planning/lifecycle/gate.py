"""What stops the end of a version: who uses it, and its last day. For `mesh retire` and plans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from streammesh.catalog.access import State
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.consumers import SOURCE, Consumer
from streammesh.catalog.notice_book import NoticeBook
from streammesh.catalog.notices import Forced, Told
from streammesh.catalog.registering import asset_of
from streammesh.contracts.changes.kinds import Kind
from streammesh.documents.ending import ending
from streammesh.documents.names import Names
from streammesh.documents.values import Workspace
from streammesh.errors import MeshError
from streammesh.errors.lifecycle import NotYet
from streammesh.errors.planning import ProductStillRead
from streammesh.notices.sending import newest
from streammesh.planning.findings import Findings
from streammesh.planning.lifecycle.left import UNSEEN, Left, left, promised, table, unseen
from streammesh.planning.lifecycle.windows import Windows
from streammesh.planning.steps.base import Step
from streammesh.planning.steps.delete_topic import DeleteTopic
from streammesh.planning.steps.end_force import EndForce
from streammesh.planning.steps.remove_deployment import RemoveDeployment
from streammesh.planning.wanting.desired import product_owner
from streammesh.planning.weighing.changing import ChangedVersion
from streammesh.planning.weighing.known_changes import Changed
from streammesh.planning.weighing.version_users import declared

_PRODUCT = "product/"


@dataclass(frozen=True)
class Ends:
    """What a plan finds about versions that end with it.

    Attributes:
        problems: those that can't end.
        steps: what the catalog is told of those that end by force.
        named: who is named in the problems, by the version's topic.
    """

    problems: tuple[NotYet, ...] = ()
    steps: tuple[Step, ...] = ()
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def else_told(self, problems: Iterable[MeshError]) -> tuple[MeshError, ...]:
        """Leave out that products read a version, where these problems name their sources."""
        return tuple(one for one in problems if not self._tells(one))

    def _tells(self, problem: MeshError) -> bool:
        if not isinstance(problem, ProductStillRead):
            return False
        sources, topic = problem.fields["sources"], str(problem.fields["topic"])
        return isinstance(sources, frozenset) and sources <= self.named.get(topic, frozenset())

    def else_changed(self, changed: Changed) -> Changed:
        """Leave out that a version ends, where these problems name its consumers already."""
        held = {key: _but_the_end(one) for key, one in changed.items() if one.topic in self.named}
        return {key: one for key, one in {**changed, **held}.items() if one.changes}


def _but_the_end(one: ChangedVersion) -> ChangedVersion:
    others = (each for each in one.changes if each.change.kind is not Kind.STATUS_RETIRED)
    return replace(one, changes=tuple(others))


def ends(  # noqa: PLR0913 - what ends, and all that may stand against it
    findings: Findings,
    workspace: Workspace,
    names: Names,
    catalog: Catalog | None,
    today: date,
    *,
    blind: str = "",
) -> Ends:
    """Check the versions whose deployments a plan ends, or whose topics it deletes.

    Args:
        findings: of the plan.
        workspace: the files.
        names: of the environment.
        catalog: what the mesh knows; None where nothing is known.
        today: the day.
        blind: why not all could be looked at who read them; empty where all could.

    Raises:
        CatalogTooOld, CatalogTooNew, CatalogUnreachable: it can't be asked who is left.
    """
    ended = {topic: one.owner for one in findings.steps for topic in _ended(one)}
    topics = {names.bare(topic): topic for topic in (*ended, *_still_read(findings.problems))}
    over = {
        asset_of(one): product_owner(one, names)
        for one in workspace.ports
        if one.status == "retired" and asset_of(one) not in topics
    }
    if not (topics or over) or catalog is None or not catalog.readable():
        return Ends()
    found = who_is_left(topics.keys(), workspace, catalog, today, blind=blind)
    forced = _forced(catalog, {*topics, *over})
    # what was retired by an apply that was killed before it said so is said now
    done = over | {names.bare(topic): owner for topic, owner in ended.items()}
    refused = {
        asset: some
        for asset, some in found.items()
        if some and not _covered(some, forced.get(asset, ()))
    }
    here = {asset_of(port) for port in workspace.ports}
    return Ends(
        problems=tuple(
            refusal(asset, some, deleted=asset not in here) for asset, some in refused.items()
        ),
        steps=tuple(EndForce(done[asset], asset) for asset in forced if asset in done),
        named={
            topics[asset]: frozenset(one.name for one in some) for asset, some in refused.items()
        },
    )


def _still_read(problems: Iterable[MeshError]) -> Iterator[str]:
    """Give the topics of versions that can't end, as products read them."""
    return (str(one.fields["topic"]) for one in problems if isinstance(one, ProductStillRead))


def _ended(step: Step) -> Iterator[str]:
    """Give the topic of the version that a step ends; nothing of most steps."""
    match step:
        case RemoveDeployment(key=key) if key.startswith(_PRODUCT):
            yield key.removeprefix(_PRODUCT)
        case DeleteTopic(record=record) if record.owner.startswith(_PRODUCT):
            yield record.owner.removeprefix(_PRODUCT)


def who_is_left(
    assets: Collection[str],
    workspace: Workspace,
    catalog: Catalog,
    today: date,
    *,
    blind: str = "",
) -> Mapping[str, tuple[Left, ...]]:
    """Give who still needs versions; of this workspace's consumers the files tell what they read.

    Args:
        assets: the versions.
        workspace: the files.
        catalog: its tables stand.
        today: the day.
        blind: why not all could be looked at who read them; empty where all could.
    """
    told = {one.notice.asset: one for one in newest(catalog.notices(assets))}
    here, refused, said = declared(workspace), _refused(catalog, assets), _days(workspace)
    return {
        asset: (
            *left(
                *_consumers(known, here.get(asset, ()), workspace, refused[asset]),
                told.get(asset),
                today,
                Windows(),
            ),
            *unseen(blind),
            *promised(max(said.get(asset, ""), _announced(told.get(asset))), today),
        )
        for asset, known in catalog.consumers(assets).items()
    }


def _days(workspace: Workspace) -> Mapping[str, str]:
    """Give the last days that the files say, by version."""
    ends = ((asset_of(port), ending(port.contract.document).until) for port in workspace.ports)
    return {asset: until.isoformat() for asset, until in ends if until}


def _announced(told: Told | None) -> str:
    """Give the last day that consumers were told; a file that has lost it takes nothing back."""
    return "" if told is None else told.notice.until


def _refused(catalog: Catalog, assets: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Name those who asked for access to versions and were refused by the owner."""
    found: dict[str, set[str]] = {asset: set() for asset in assets}
    for one in catalog.access({asset.partition(".")[0] for asset in assets}):
        if one.asset in found and one.state in (State.DENIED, State.REVOKED):
            found[one.asset].add(f"{one.domain}/{one.subscription}")
    return {asset: frozenset(names) for asset, names in found.items()}


def _consumers(
    known: Sequence[Consumer],
    declared_here: Iterable[Consumer],
    workspace: Workspace,
    refused: frozenset[str],
) -> tuple[tuple[Consumer, ...], frozenset[str]]:
    """Give the consumers of a version, and which of them need it no more, whatever files say.

    These are those who have moved away in these files, and those who were refused. A source of
    these files that no longer reads it is none any more: one apply ends its engine and the version.
    Who subscribed may read on, and was maybe seen doing so.
    """
    here = {one.name: one for one in declared_here}
    names = {one.name for one in known}
    gone = {one.name for one in known if one.domain in workspace.domains} - here.keys()
    stay = (one for one in known if not (one.is_source and one.name in gone))
    every = (*stay, *(one for name, one in here.items() if name not in names))
    return every, frozenset(gone | refused)


def refusal(asset: str, some: Sequence[Left], *, deleted: bool = False) -> NotYet:
    """Say that a version can't be retired, who is in the way, and what to do.

    Args:
        asset: the version.
        some: who is left.
        deleted: whether its files are gone already: no command can be asked for it then.
    """
    fix = ";\n".join(_ways_out(asset, some, deleted=deleted))
    return NotYet(product=asset, reason=_reason(some), why="\n".join(table(some)), fix=fix)


def _reason(some: Sequence[Left]) -> str:
    count = sum(not one.day for one in some)
    if not count:
        return "its last day is not past"
    consumers = "1 consumer" if count == 1 else f"{count} consumers"
    if count < len(some):
        return f"{consumers} and its last day are in the way"
    return f"{consumers} {'is' if count == 1 else 'are'} in the way"


def _ways_out(asset: str, some: Sequence[Left], *, deleted: bool) -> Iterator[str]:
    if deleted:
        yield f"put its files back: `mesh deprecate {asset}` tells its consumers when it ends"
    sources = [one.name for one in some if one.name.startswith(SOURCE)]
    moved = [one for one in some if one.moved]
    if sources:
        yield f"take it out of `products` of {', '.join(sources)}, and apply there first"
    if moved:
        it = "it" if len(moved) == 1 else "those without access"
        yield f"have {it} stopped, or started anew with another topic, then try again"
    dark = [one for one in some if one.name == UNSEEN]
    if dark:
        yield "see to it that Kafka answers who reads (`mesh consumers` looks), then try again"
    days = [one.day for one in some if one.day]
    if len(sources) + len(moved) + len(dark) + len(days) < len(some):
        yield "ask them to move to another version, then try again"
    yield from (f"wait until {one} is past" for one in days)
    # an engine would go on reading what is gone
    if not sources:
        does = "doesn't wait" if len(days) == len(some) else "cuts them off"
        yield f"or `mesh retire {asset} --force --reason …`, which {does}"


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
