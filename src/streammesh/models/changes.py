"""What changes for consumers between two versions of a port: of its contract and of its model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from streammesh.contracts.changes.change import Change, change_of
from streammesh.contracts.changes.fields import FieldChanges
from streammesh.contracts.changes.kinds import Kind
from streammesh.contracts.changes.matching import Matches, match
from streammesh.contracts.changes.product import owner_changes, product_changes, topic_changes
from streammesh.contracts.changes.tree import Tree, read_tree
from streammesh.documents.values import ContractFile, ModelFile
from streammesh.errors import Location
from streammesh.models.computations import Computation, Said, computations


@dataclass(frozen=True)
class Version:
    """What is known of a version of a port.

    Attributes:
        contract: its contract.
        model: its model.
        owner: whose it is, as domain.yaml says: `team`, `email`, `chat`; empty when not known.
        topic: settings of its topic that are known, such as `delete.retention.ms`.
        owner_at: where the owner stands.
    """

    contract: ContractFile
    model: ModelFile
    owner: Mapping[str, str] = field(default_factory=dict)
    topic: Mapping[str, str] = field(default_factory=dict)
    owner_at: Location | None = field(default=None, compare=False)


def changes(old: Version, new: Version) -> tuple[Change, ...]:
    """Give what changes between two versions of a port.

    Args:
        old: the version that consumers know.
        new: the version that is to take its place.

    Returns:
        The changes: of the fields, of the model, of the product as a whole.

    Raises:
        MeshErrors: when a contract is none.
        ModelError: when a model is none.
    """
    before, after = read_tree(old.contract), read_tree(new.contract)
    matches = match(before, after)
    every = tuple(before.nodes)
    return (
        *FieldChanges(before, after, matches).all(),
        *_Models(before, after, matches).changes(old.model, new.model),
        *product_changes(before, after),
        *owner_changes(old.owner, new.owner, every, new.owner_at),
        *topic_changes(old.topic, new.topic, every, after.place("customProperties")),
    )


class _Models:
    def __init__(self, old: Tree, new: Tree, matches: Matches) -> None:
        self._old, self._new, self._matches = old, new, matches

    def changes(self, old: ModelFile, new: ModelFile) -> tuple[Change, ...]:
        if old.text == new.text:
            return ()
        before, after = computations(old), computations(new)
        found: dict[tuple[Kind, str], Change] = {}
        for one in self._all(before, after):
            found.setdefault((one.kind, one.path), one)
        return tuple(found.values())

    def _all(
        self, before: tuple[Computation, ...], after: tuple[Computation, ...]
    ) -> Iterator[Change]:
        if len(before) != len(after):
            where = after[-1].rows[0].where if after[-1].rows else None
            yield self._whole((_counted(before), _counted(after)), where)
        for one, other in zip(before, after, strict=False):
            yield from self._rows(one, other)
            yield from self._fields(one.fields, other.fields, Kind.COMPUTATION)
            yield from self._fields(_orders(one), _orders(other), Kind.ORDERING)

    def _rows(self, old: Computation, new: Computation) -> Iterator[Change]:
        before, after = ({one.form: one for one in each.rows} for each in (old, new))
        gone = [one.text for form, one in before.items() if form not in after]
        come = [one for form, one in after.items() if form not in before]
        if gone or come:
            where = (come or new.rows)[0].where if come or new.rows else None
            said = "; ".join(gone), "; ".join(one.text for one in come)
            yield self._whole(said, where)

    def _whole(self, said: tuple[str, str], where: Location | None) -> Change:
        return change_of(Kind.FILTER, "", said, tuple(self._old.nodes), where)

    def _fields(
        self, before: Mapping[str, Said | None], after: Mapping[str, Said | None], kind: Kind
    ) -> Iterator[Change]:
        """Tell of the fields that both versions have; others are told by their contracts."""
        for path, node in self._new.nodes.items():
            was = self._matches.before.get(path)
            if was is None:
                continue
            if kind is Kind.ORDERING and not (was.lower() in before and path.lower() in after):
                continue  # one of the two is no list that is told of by its elements
            old, new = before.get(was.lower()), after.get(path.lower())
            if (old and old.form) == (new and new.form):
                continue
            critical = node.critical or self._old.nodes[was].critical
            found = Kind.MEANING_CHANGED if critical and kind is Kind.COMPUTATION else kind
            where = new.where if new else self._new.where(path)
            said = old.text if old else "", new.text if new else ""
            yield change_of(found, path, said, self._old.with_below(was), where)


def _counted(selects: tuple[Computation, ...]) -> str:
    return f"{len(selects)} SELECT{'' if len(selects) == 1 else 's'}"


def _orders(one: Computation) -> dict[str, Said | None]:
    """Give the order of each list whose elements are told of; without ORDER BY None."""
    ends = ((path, path.find("[]", at)) for path in one.fields for at in range(len(path)))
    return {path[:end]: one.orders.get(path[:end]) for path, end in ends if end >= 0}
