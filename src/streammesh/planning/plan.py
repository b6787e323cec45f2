"""A plan as a value: what would be done, what stops it, what people should know.

Showing it is `render`'s work and doing it `apply`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streammesh.catalog.neighbours import Neighbours
from streammesh.deployments.deployment import ProductDeployment
from streammesh.documents.values import Secret
from streammesh.errors import MeshError
from streammesh.planning.findings import Note
from streammesh.planning.owner import Owner
from streammesh.planning.showing.rates import publishing_seconds
from streammesh.planning.sizes.values import Sizes
from streammesh.planning.steps.base import Change, Step
from streammesh.planning.weighing.changing import ChangedVersion


@dataclass(frozen=True)
class Plan:
    """What an apply would do in one environment.

    Attributes:
        mesh: the mesh's name.
        environment: the environment's name.
        steps: in the order in which they would be done.
        problems: why nothing can be done before they are solved; empty when it can.
        notes: what people should know, beside the steps.
        stopped: the problems of single sources and products, by the owner's key.
        stopped_owners: those sources and products.
        sizes: how large the documents of products get, by the owner's key, if that was asked.
        sized_owners: those products.
        headings: for the key of each owner what stands beside its name, such as
            `1.0.0 → 1.1.0   compatible`.
        secrets: for each source the name of its secret and the reference to its address.
        domains: whose files it was made from.
        basis: what it was made from; another apply since then changes that.
        neighbours: whom it has to do with: what the catalog says of them is part of the basis.
        changes: the versions that change for their consumers, by the owner's key.
        compiled: deployments that stay, whose models were compiled again to find that out: an apply
            remembers what from.
    """

    mesh: str
    environment: str
    steps: tuple[Step, ...]
    problems: tuple[MeshError, ...] = ()
    notes: tuple[Note, ...] = ()
    stopped: Mapping[str, tuple[MeshError, ...]] = field(default_factory=dict, hash=False)
    stopped_owners: tuple[Owner, ...] = ()
    sizes: Mapping[str, Sizes] = field(default_factory=dict, hash=False)
    sized_owners: tuple[Owner, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict, hash=False)
    secrets: tuple[tuple[str, Secret], ...] = ()
    domains: frozenset[str] = frozenset()
    basis: str = ""
    neighbours: Neighbours = field(default_factory=Neighbours)
    changes: Mapping[str, ChangedVersion] = field(default_factory=dict, hash=False)
    compiled: tuple[ProductDeployment, ...] = ()

    @property
    def blocked(self) -> bool:
        """Whether something has to be solved first."""
        return bool(self.problems)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do and nothing in the way."""
        return not self.steps and not self.problems

    def count(self, change: Change) -> int:
        """Count the steps that add, change or remove."""
        return sum(step.change is change for step in self.steps)

    @property
    def rows(self) -> int:
        """How many rows of databases are read when it has been applied, as far as is known."""
        return sum(max(0, one.rows) for one in self.steps)

    @property
    def documents(self) -> int:
        """How many documents are published when it has been applied, at most."""
        return sum(max(0, one.documents) for one in self.steps)

    @property
    def estimated(self) -> bool:
        """Whether the databases' statistics tell of all of these; without ANALYZE they don't."""
        return all(one.rows >= 0 and one.documents >= 0 for one in self.steps)

    @property
    def seconds(self) -> float:
        """How long that takes, roughly, in seconds."""
        reading = sum(one.reading_seconds for one in self.steps)
        return reading + (publishing_seconds(self.documents) or 0)

    @property
    def owners(self) -> tuple[Owner, ...]:
        """Give what it is about, sources before the products that they fill."""
        owners = {step.owner for step in self.steps} | {note.owner for note in self.notes}
        owners |= {*self.stopped_owners, *self.sized_owners}
        owners |= {one.owner for one in self.changes.values()}
        return tuple(sorted(owners, key=_rank))


_RANKS = {"mesh": 0, "domain": 1, "source": 2, "product": 3, "consumer": 4}


def _rank(owner: Owner) -> tuple[int, str]:
    return _RANKS.get(owner.key.partition("/")[0], 9), owner.label


def ordered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Give the steps in the order in which they can be done, those of one kind together."""
    return tuple(sorted(steps, key=_place))


def _place(one: Step) -> tuple[int, str, str, str]:
    return one.when, type(one).__name__, one.owner.label, one.title
