"""What changes for whom: versions of the files against what the catalog knows of them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from streammesh.catalog.consumers import Consumer
from streammesh.catalog.known_versions import KnownVersion
from streammesh.catalog.registering import asset_of
from streammesh.contracts.changes.change import Change
from streammesh.contracts.changes.kinds import Kind, Meaning
from streammesh.documents.names import Names
from streammesh.documents.values import Port, Workspace
from streammesh.errors import MeshError
from streammesh.errors.rendering import flatten
from streammesh.planning.findings import Note
from streammesh.planning.owner import Owner, domain_owner
from streammesh.planning.wanting.desired import product_owner
from streammesh.planning.weighing.changes import changes_of, owner_of

_GRAVITY = tuple(Meaning)

_DECIDED_ELSEWHERE = (Kind.STATUS_RETIRED, Kind.CLASSIFICATION_RESTRICTED)
"""Who is left decides how a version ends; and a version beside this one would leave a field
readable that is restricted now: grants decide who reads on."""


@dataclass(frozen=True)
class PlannedChange:
    """A change of a version that stands, and whom it concerns.

    Attributes:
        change: what changes, and what that means for a consumer.
        relied_on_by: who relies on what changes, or doesn't say that it relies on something else.
        not_affected: the version's other consumers.
    """

    change: Change
    relied_on_by: tuple[Consumer, ...] = ()
    not_affected: tuple[Consumer, ...] = ()

    @property
    def breaking(self) -> bool:
        """Whether it breaks who relies on it."""
        return self.change.meaning is Meaning.BREAKING

    @property
    def gated(self) -> bool:
        """Whether it breaks somebody, and a new major version beside this one is the way."""
        elsewhere = self.change.kind in _DECIDED_ELSEWHERE
        return self.breaking and bool(self.relied_on_by) and not elsewhere


@dataclass(frozen=True)
class ChangedVersion:
    """A version that stands and is another one in the files.

    Attributes:
        owner: the product's port.
        port: its files.
        asset: its name in the catalog.
        topic: where its events are.
        before: the semantic version as it was applied; `port.version` is the one of the files.
        changes: one at least.
        consumers: all of the version that are known.
    """

    owner: Owner
    port: Port
    asset: str
    topic: str
    before: str
    changes: tuple[PlannedChange, ...]
    consumers: tuple[Consumer, ...] = ()

    @property
    def meaning(self) -> Meaning:
        """What the gravest of the changes means."""
        return max((one.change.meaning for one in self.changes), key=_GRAVITY.index)

    @property
    def gated(self) -> tuple[PlannedChange, ...]:
        """The changes that break somebody."""
        return tuple(one for one in self.changes if one.gated)


def changed_versions(
    workspace: Workspace, names: Names, known: Mapping[str, KnownVersion]
) -> tuple[tuple[ChangedVersion, ...], tuple[Note, ...]]:
    """Compare the versions of the files with those that were applied.

    Args:
        workspace: the files.
        names: those of the environment.
        known: the versions that were applied, by asset.

    Returns:
        Those that differ, not yet with their consumers; and notes of those that can't be compared,
        and of domains that get another owner. What is wrong with the files themselves is not told
        here.
    """
    changed: list[ChangedVersion] = []
    notes = list(_owners(workspace, known))
    for port in workspace.ports:
        stands = known.get(asset_of(port))
        if stands is None or _same(port, stands):
            continue
        owner = product_owner(port, names)
        try:
            found = changes_of(port, stands)
        except MeshError as error:
            text = f"what changes for its consumers can't be told: {flatten(error)[0].what}"
            notes.append(Note(owner, text, "!"))
            continue
        if found:
            planned = tuple(map(PlannedChange, found))
            topic = port.topic(names)
            one = ChangedVersion(owner, port, stands.asset, topic, stands.version, planned)
            changed.append(one)
    return tuple(changed), tuple(notes)


def _owners(workspace: Workspace, known: Mapping[str, KnownVersion]) -> Iterator[Note]:
    """Tell of each domain once that it gets another owner: that is no change of its versions."""
    before = {one.domain: one.owner for one in known.values()}
    for name, domain in workspace.domains.items():
        old, new = before.get(name), owner_of(domain)
        if old and old != new:
            said = f"{', '.join(old.values())} → {', '.join(new.values())}"
            text = f"{said}: {Kind.OWNER.row.why}"
            yield Note(domain_owner(name), text, "~", domain.where, "owner")


def _same(port: Port, stands: KnownVersion) -> bool:
    """Tell at one glance that nothing changed: so it is with most of thousands of versions."""
    return (
        port.contract.document == stands.contract.document and port.model.text == stands.model.text
    )


def with_consumers(changed: ChangedVersion, consumers: Iterable[Consumer]) -> ChangedVersion:
    """Give a changed version with its consumers, each change with those whom it concerns."""
    every = tuple(consumers)
    planned = tuple(_sorted_out(one.change, every) for one in changed.changes)
    return replace(changed, changes=planned, consumers=every)


def _sorted_out(change: Change, consumers: Sequence[Consumer]) -> PlannedChange:
    concerned: list[Consumer] = []
    others: list[Consumer] = []
    for one in consumers:
        (concerned if _relies(one, change) else others).append(one)
    return PlannedChange(change, tuple(concerned), tuple(others))


def _relies(consumer: Consumer, change: Change) -> bool:
    """Tell whether a consumer relies on what changes: on a field that is new, nobody does yet."""
    return change.kind is not Kind.FIELD_ADDED_OPTIONAL and change.concerns(consumer.fields)
