"""What a check of a migration found, as values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streammesh.capture.migrations.effects import Verdict
from streammesh.documents.values import Port
from streammesh.errors import Location

Consumers = Callable[[Port, str], Sequence[str]]
"""Give those who rely on a field of a product; the field is empty where all fields are meant."""


def nobody_known(_: Port, __: str) -> Sequence[str]:
    """Give no consumers: there is no catalog that knows them."""
    return ()


@dataclass(frozen=True)
class Impact:
    """What a statement means for a product, or for capturing the source.

    Attributes:
        verdict: how bad.
        who: `sales.orders v1`, or the source; empty where it is about neither.
        what: in words.
        field: the product's field; empty where it is about all, or about none.
        place: where a file has to change: the model's SQL, or the source's file.
        fix: what to do in the same release.
        owner: who owns the product, and how to reach them.
        consumers: who relies on the field.
    """

    verdict: Verdict
    who: str
    what: str
    field: str = ""
    place: Location | None = None
    fix: str = ""
    owner: str = ""
    consumers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A statement, or a table that differs, with what it means.

    Attributes:
        where: its place; None where two databases are compared.
        text: as written.
        impacts: what it means; none where it is harmless without more words.
    """

    where: Location | None
    text: str
    impacts: tuple[Impact, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all that it means."""
        return max((one.verdict for one in self.impacts), default=Verdict.HARMLESS)


@dataclass(frozen=True)
class Judgement:
    """What a migration means.

    Attributes:
        file: the migration, or how the migrated database is called.
        source: the source, `sales.shop`.
        statements: each with what it means.
        read_anew: tables that the next `mesh apply` reads again.
        waiting: products that wait until then.
        unseen: tables whose values change so that nothing tells it: only a new snapshot does.
        notes: what else there is to say of the whole.
    """

    file: str
    source: str
    statements: tuple[Judged, ...]
    read_anew: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether anything breaks."""
        return any(one.verdict is Verdict.BREAKS for one in self.statements)
