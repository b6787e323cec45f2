"""What breaks in a product, and how it is mended in the same release."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streammesh.capture.migrations.effects import Verdict
from streammesh.errors import Location, MeshError
from streammesh.errors.models import UnknownColumn, UnknownTable
from streammesh.models.places import field_at
from streammesh.planning.migrations.models import Reader
from streammesh.planning.migrations.renaming import Renamed
from streammesh.planning.migrations.values import Consumers, Impact


def new_errors(known: Iterable[MeshError], errors: Iterable[MeshError]) -> list[MeshError]:
    """Give the errors that were not known before."""
    before = {_same(one) for one in known}
    return [one for one in errors if _same(one) not in before]


def _same(error: MeshError) -> tuple[str, object]:
    return error.what, error.where


@dataclass(frozen=True)
class Breaking:
    """Tells what an error in a product's model means.

    Attributes:
        reader: the product.
        called: what the statement calls otherwise.
        consumers: who relies on a field.
    """

    reader: Reader
    called: Renamed
    consumers: Consumers

    def impact(self, error: MeshError) -> Impact:
        """Say what breaks, where, for whom, and the way out."""
        field = self._field(error)
        what = f"field {field}" if field else "all its documents: what they are joined or chosen by"
        if not isinstance(error, UnknownColumn | UnknownTable):
            what = f"{what}: {error.what}" if field else error.what
        elif isinstance(error, UnknownTable):
            what = "all its documents: the table they are made of"
        owner = self.reader.domain.owner
        return Impact(
            verdict=Verdict.BREAKS,
            who=self.reader.label,
            what=what,
            field=field,
            place=error.where,
            fix=self._fix(error),
            owner=", ".join(owner[one] for one in ("team", "email") if owner.get(one)),
            consumers=tuple(self.consumers(self.reader.port, field)),
        )

    def _field(self, error: MeshError) -> str:
        named = error.fields.get("field")
        if isinstance(named, str) and named:
            return named
        return field_at(self.reader.port.model, error.where) if error.where else ""

    def _fix(self, error: MeshError) -> str:
        file = self.reader.port.model.path.rpartition("/")[2]
        new = self._new_name(error)
        if new:
            return f"in the same release, read {new} in {file}: the contract stays as it is"
        if isinstance(error, UnknownColumn | UnknownTable):
            return (
                f"keep it while {self.reader.label} reads it, or read something else in {file}:"
                " only the contract's next major version can leave the field out"
            )
        return error.fix or f"let {file} give what the contract promises"

    def _new_name(self, error: MeshError) -> str:
        if error.where is None:
            return ""
        written = _written(error.where).partition(" ")[0]
        stem, dot, last = written.rpartition(".")
        if isinstance(error, UnknownTable):
            found = {one.name for old, one in self.called.moved.items() if _is(old.name, last)}
        elif isinstance(error, UnknownColumn):
            columns = self.called.columns.items()
            found = {new for (_, old), new in columns if _is(old, last)}
        else:
            found = set()
        return f"{stem}{dot}{found.pop()}" if len(found) == 1 else ""


def _is(name: str, written: str) -> bool:
    return name.lower() == written.strip('"').lower()


def _written(where: Location) -> str:
    return where.text[where.column - 1 : where.column - 1 + where.length]
