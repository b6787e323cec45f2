"""One change, and whom it concerns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from streammesh.contracts.changes.kinds import Kind, Meaning
from streammesh.errors import Location


@dataclass(frozen=True)
class Change:
    """One difference between two versions of a port.

    Attributes:
        kind: its row of the table.
        path: of the field: `customer.name`, `lines[].amount`, as the new version calls it, or the
            old one where it is removed; empty for the whole product.
        before: what the old version says, in words; empty for nothing.
        after: what the new version says, likewise.
        fields: paths of the old version that it concerns; of an added field, its own.
        why: one sentence.
        where: its place in the new version's file; of what is gone, that of what it stood in.
        whole: whether it concerns every consumer, whatever field it relies on.
    """

    kind: Kind
    path: str
    before: str
    after: str
    fields: tuple[str, ...]
    why: str
    where: Location | None = field(default=None, compare=False)
    whole: bool = False

    @property
    def meaning(self) -> Meaning:
        """What it means for a consumer."""
        return self.kind.row.meaning

    def concerns(self, relied_on: Collection[str]) -> bool:
        """Tell whether it concerns a consumer.

        Args:
            relied_on: paths of the old version that the consumer relies on; who relies on an
                object or a list relies on all in it; empty when it doesn't say, and may use all.
        """
        if self.whole or not relied_on:
            return True
        return any(contains(one, concerned) for one in relied_on for concerned in self.fields)


def change_of(
    kind: Kind,
    path: str,
    said: tuple[str, str],
    fields: tuple[str, ...],
    where: Location | None,
) -> Change:
    """Give a change of a field, with the reason of its kind; of the whole product: no path.

    Args:
        kind: its row of the table.
        path: of the field; empty for the whole product.
        said: before and after, in words.
        fields: the old version's fields that it concerns.
        where: its place in the new version.
    """
    return Change(kind, path, *said, fields, kind.row.why, where, whole=not path)


def contains(outer: str, path: str) -> bool:
    """Tell whether a path is that of a field, or of something in it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}[", f"{outer}{{"))
