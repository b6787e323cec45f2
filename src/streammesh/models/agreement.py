"""Does the model give what the contract promises? Field by field, with the place of each."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from streammesh.contracts.assign import assignable
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import (
    Array,
    Boolean,
    Decimal,
    Field,
    Integer,
    Record,
    Text,
    Type,
)
from streammesh.documents.values import Port
from streammesh.errors import Location, MeshError, MeshErrors
from streammesh.errors.models import FieldExtra, FieldMissing, FieldNullable, FieldType
from streammesh.models.catalog import nearest
from streammesh.models.positions import ModelText
from streammesh.models.values import Value


def check(
    text: ModelText, port: Port, contract: Contract, document: Value, *, nulls_only: bool = False
) -> None:
    """Compare the model's document with the contract.

    Args:
        text: the model.
        port: names its files.
        contract: what is promised.
        document: what the model gives.
        nulls_only: whether only what may be NULL is looked at.

    Raises:
        MeshErrors: with everything that doesn't agree.
    """
    comparison = _Comparison(text, port, contract)
    errors = list(comparison.record("", document, contract.fields))
    if nulls_only:
        errors = [one for one in errors if isinstance(one, FieldNullable)]
    if errors:
        raise MeshErrors(errors)


_WHOLE = "(SELECT {…} FROM … WHERE …) in place of the LEFT JOIN"


class _Comparison:
    def __init__(self, text: ModelText, port: Port, contract: Contract) -> None:
        self._text = text
        self._file = port.contract.path
        self._places = contract.places

    def record(self, path: str, value: Value, promised: Record) -> Iterator[MeshError]:
        given = dict(value.parts)
        for field in promised.fields:
            name = f"{path}.{field.name}" if path else field.name
            part = given.pop(field.name, None)
            if part is None:
                yield self._missing(name, value, given)
            else:
                yield from self._field(name, part, field)
        for name, part in given.items():
            yield self._extra(f"{path}.{name}" if path else name, part)

    def _field(self, path: str, value: Value, promised: Field) -> Iterator[MeshError]:
        if value.broken:
            return
        if promised.required and value.nulls:
            yield self._nullable(path, value, promised.type)
        yield from self._type(path, value, promised.type)

    def _type(self, path: str, value: Value, promised: Type) -> Iterator[MeshError]:
        if isinstance(promised, Record) and value.parts:
            yield from self.record(path, value, promised)
        elif isinstance(promised, Array) and value.element is not None:
            inner = f"{path}[]"
            if value.element.broken:
                return
            if promised.required and value.element.nulls:
                yield self._nullable(inner, value.element, promised.items)
            yield from self._type(inner, value.element, promised.items)
        elif value.type is not None and (reason := assignable(value.type, promised)):
            fix = f"cast it in the model, or change the type at {self._place(path)}"
            yield FieldType(field=path, reason=reason, where=self._where(value), fix=fix)

    def _where(self, value: Value) -> Location:
        if value.node is None:
            return Location(self._text.file.path)
        return self._text.location(value.node)

    def _place(self, path: str) -> str:
        where = self._places.get(path)
        return self._file if where is None else str(Location(where.file, where.line))

    def _missing(self, path: str, value: Value, given: dict[str, Value]) -> MeshError:
        near = nearest(path.rpartition(".")[2], given)
        fix = f"add it to the model, or take it from the contract at {self._place(path)}"
        if near:
            fix = f"is it `{near}`? Name them alike"
        return FieldMissing(field=path, where=self._where(value), fix=fix)

    def _extra(self, path: str, value: Value) -> MeshError:
        fix = f"add it to {self._file}, or take it from the model"
        return FieldExtra(field=path, where=self._where(value), fix=fix)

    def _nullable(self, path: str, value: Value, promised: Type) -> MeshError:
        cause = value.nulls[0]
        way_out = f"`required: false` at {self._place(path)}"
        repaired = self._repaired(value, promised)
        if repaired:
            way_out = f"{repaired}, or {way_out}"
        around = path.rpartition(".")[0]
        if cause.joined and around and not around.endswith("[]"):
            # the object as a whole is missing then, not each of its fields
            way_out += f"; or let `{around}` be NULL as a whole: {_WHOLE}"
        where = self._where(value)
        return FieldNullable(field=path, where=where, why=cause.said, fix=way_out)

    def _repaired(self, value: Value, promised: Type) -> str | None:
        """Give the expression with a `coalesce` where it can be NULL."""
        node, column = value.node, value.nulls[0].column
        if isinstance(promised, Array) and value.element is not None and node is not None:
            return f"coalesce({_short(self._text.source(node))}, [])"
        if node is None or column is None:
            return None
        if column is node:
            default = _default(promised)
            return f"coalesce({self._text.source(column)}, {default})" if default else None
        return self._with_coalesce(node, column)

    def _with_coalesce(self, node: exp.Expr, column: exp.Column) -> str | None:
        start, end = self._text.span(node)
        first, last = self._text.span(column)
        if not (start <= first and last <= end):
            return None
        written = self._text.file.text
        inside = f"coalesce({written[first:last]}, 0)"
        return _short(written[start:first] + inside + written[last:end])


def _default(kind: Type) -> str | None:
    match kind:
        case Integer() | Decimal():
            return "0"
        case Text():
            return "''"
        case Boolean():
            return "FALSE"
        case _:
            return None


def _short(sql: str) -> str:
    flat = " ".join(sql.split())
    return flat if len(flat) <= 60 else flat[:57] + "…"
