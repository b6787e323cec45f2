"""The SELECTs of a model with UNION ALL: their fields by place, each of one type for all.

A field of plain values is converted to the type that holds those of all SELECTs, as in the
database. What objects and lists hold is printed where they are compiled: there the types must be
alike as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Array, Decimal, Field, Integer, Record, Text, Type
from streammesh.documents.values import TableName
from streammesh.errors import Location, MeshError
from streammesh.errors.models import FieldGivenTwice, UnionUnlike, UntypedNull
from streammesh.models.compiled import Lineage
from streammesh.models.expressions import assembled
from streammesh.models.literals import null
from streammesh.models.meanings.call import Unfit
from streammesh.models.meanings.choice import common
from streammesh.models.positions import ModelText
from streammesh.models.problems import Problems
from streammesh.models.storage import is_fast
from streammesh.models.values import BROKEN, Value

Named = Sequence[tuple[str, exp.Expr]]
"""The fields of a SELECT as written."""


class Unlike(Exception):
    """Two types that are none: a dotted path below the field, and what differs."""


def same_width(text: ModelText, problems: Problems, every: Sequence[Named]) -> bool:
    """Tell whether all SELECTs have as many fields as the first; what is wrong is noted."""
    first, *others = every
    names = [name for name, _ in first]
    for at, (name, node) in enumerate(first):
        if name in names[:at]:
            problems.note(FieldGivenTwice(name=name, where=text.location(node)))
    unlike = [(number, one) for number, one in enumerate(others, 2) if len(one) != len(first)]
    for number, one in unlike:
        where = text.location(one[min(len(first), len(one) - 1)][1])
        problem = f"the first has {len(first)} fields, number {number} has {len(one)}"
        fix = f"give the same fields in the same order: {', '.join(names)}"
        problems.note(UnionUnlike(problem=problem, where=where, fix=fix))
    return not unlike and len(set(names)) == len(names)


def documents(
    text: ModelText,
    problems: Problems,
    selects: Sequence[exp.Select],
    names: Sequence[str],
    values: Sequence[Sequence[Value]],
) -> list[Value]:
    """Give the document of each SELECT; all have the fields of the first one.

    Args:
        text: the model.
        problems: where it is noted which fields have no one type.
        selects: the SELECTs.
        names: the fields of the first.
        values: for each SELECT, the value of each field, with its node.
    """
    columns = []
    for at, name in enumerate(names):
        try:
            columns.append(_unified(text, name, [one[at] for one in values]))
        except MeshError as error:
            problems.note(error)
            columns.append([replace(BROKEN, node=one[at].node) for one in values])
    return [
        assembled(select, dict(zip(names, [one[number] for one in columns], strict=True)))
        for number, select in enumerate(selects)
    ]


def _unified(text: ModelText, name: str, values: Sequence[Value]) -> list[Value]:
    """Bring a field's values to one type.

    Raises:
        ModelError: when there is none.
    """
    if any(value.broken for value in values):
        return [replace(BROKEN, node=value.node) for value in values]
    typed = [value for value in values if value.type is not None]
    if not typed:
        raise UntypedNull(where=_where(text, values[0]))
    if any(isinstance(value.type, Record | Array) for value in typed):
        return _alike(text, name, values)
    try:
        found = common(values, exact=False)
    except Unfit as unfit:
        raise _unlike(text, name, typed) from unfit
    return [replace(new, node=old.node) for new, old in zip(found, values, strict=True)]


def _unlike(text: ModelText, name: str, typed: Sequence[Value]) -> UnionUnlike:
    other = next((one for one in typed[1:] if not _fits(typed[0], one)), typed[-1])
    types = " and ".join(dict.fromkeys(spell(one.type) for one in typed if one.type is not None))
    problem = f"`{name}` has the types {types}"
    return UnionUnlike(problem=problem, where=_where(text, other), fix="cast them to one type")


def _fits(first: Value, other: Value) -> bool:
    try:
        common([first, other], exact=False)
    except Unfit:
        return False
    return True


def _alike(text: ModelText, name: str, values: Sequence[Value]) -> list[Value]:
    """Give objects or lists as they are, and NULL and [] the type of the others."""
    kind: Type | None = None
    for value in values:
        if value.type is None:
            continue
        try:
            kind = value.type if kind is None else one_type(kind, value.type)
        except Unlike as unlike:
            path, problem = unlike.args
            where = _where(text, _below(value, path) or value)
            raise UnionUnlike(
                problem=f"`{name}{path}` {problem}",
                where=where,
                fix="give it the same fields and types in each SELECT; cast what differs",
            ) from unlike
    if any(value.empty for value in values) and not isinstance(kind, Array):
        where = _where(text, next(value for value in values if value.empty))
        problem = f"`{name}` is an object in one and [] in another"
        raise UnionUnlike(problem=problem, where=where, fix="write NULL for no object")
    return [_typed(value, kind) for value in values]


def _typed(value: Value, kind: Type | None) -> Value:
    if value.type is not None:
        return value
    return replace(value if value.empty else null(kind), type=kind, node=value.node)


def one_type(left: Type, right: Type, path: str = "") -> Type:
    """Give the type of values of two types that look the same in a document.

    Raises:
        Unlike: when there is none.
    """
    if isinstance(left, Record) and isinstance(right, Record):
        given = [[field.name for field in one.fields] for one in (left, right)]
        if given[0] != given[1]:
            raise Unlike(path, f"has the fields {' and '.join(', '.join(one) for one in given)}")
        pairs = zip(left.fields, right.fields, strict=True)
        return Record(tuple(_one_field(a, b, path) for a, b in pairs))
    if isinstance(left, Array) and isinstance(right, Array):
        items = one_type(left.items, right.items, f"{path}[]")
        return Array(items, left.required and right.required, left.rules)
    kind = _leaf(left, right)
    if kind is None:
        raise Unlike(path, f"has the types {spell(left)} and {spell(right)}")
    return kind


def _one_field(left: Field, right: Field, path: str) -> Field:
    kind = one_type(left.type, right.type, f"{path}.{left.name}")
    return Field(left.name, kind, required=left.required and right.required)


def _leaf(left: Type, right: Type) -> Type | None:
    """Give the wider of two types whose values look the same; None if they don't."""
    if left == right:
        return left
    if isinstance(left, Integer) and isinstance(right, Integer):
        return max(left, right, key=lambda one: one.bits)
    if isinstance(left, Text) and isinstance(right, Text):
        return Text()
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        alike = left.scale == right.scale and is_fast(left) == is_fast(right)
        return max(left, right, key=lambda one: one.precision) if alike else None
    return None


def _below(value: Value, path: str) -> Value | None:
    """Give the value at a dotted path within another, as far as it is known."""
    found: Value | None = value
    for part in path.replace("[]", ".[]").split(".")[1:]:
        if found is None:
            return None
        found = found.element if part == "[]" else dict(found.parts).get(part)
    return found


def _where(text: ModelText, value: Value) -> Location | None:
    return text.location(value.node) if value.node is not None else None


def fields(every: Sequence[Value]) -> Record:
    """Give what the documents of all SELECTs hold."""
    kind = every[0].type
    for one in every[1:]:
        if kind is not None and one.type is not None:
            kind = one_type(kind, one.type)
    if not isinstance(kind, Record):
        raise TypeError("a document is an object")
    return kind


def lineages(every: Sequence[Sequence[Lineage]]) -> tuple[Lineage, ...]:
    """Give where each field comes from, over all SELECTs."""
    return tuple(_merged(every))


def _merged(every: Sequence[Sequence[Lineage]]) -> Iterator[Lineage]:
    columns: dict[str, dict[tuple[TableName, str], None]] = {}
    for each in every:
        for one in each:
            columns.setdefault(one.field, {}).update(dict.fromkeys(one.columns))
    for name, found in columns.items():
        # NULL or [] in place of an object or list: its fields are named by the others
        inside = (f"{name}.", f"{name}[]")
        if found or not any(other.startswith(inside) for other in columns):
            yield Lineage(name, tuple(found))
