"""What changes for a consumer between two versions of a document's fields.

Compatible means: readers of the old schema read the new events and readers of the new schema the
old ones (Avro's full compatibility), because a topic keeps its history and producers move first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from streammesh.contracts import types
from streammesh.contracts.types import Array, Enum, Field, Map, Record, Rules, Type


@dataclass(frozen=True)
class FieldChange:
    """One change of one field.

    Attributes:
        path: dotted, arrays with `[]`: `lines[].amount`.
        symbol: "+", "~" or "-".
        text: the change in words.
        breaks: why a consumer breaks; empty when none does.
    """

    path: str
    symbol: str
    text: str
    breaks: str = ""


def changes(old: Record, new: Record) -> tuple[FieldChange, ...]:
    """Give what changed, in the order of the new fields, removed ones last."""
    # of a plan's products nearly all are as they were
    return () if old == new else tuple(_record(old, new, ""))


def _record(old: Record, new: Record, prefix: str) -> Iterator[FieldChange]:
    for field in new.fields:
        path = prefix + field.name
        before = old.field(field.name)
        if before is None:
            yield _added(field, path)
        else:
            yield from _field(before, field, path)
    for field in old.fields:
        if new.field(field.name) is None:
            yield _removed(field, prefix + field.name, _renamed(field, old, new))


def _renamed(field: Field, old: Record, new: Record) -> str:
    """Guess the new name of a field that is gone: the only new one of the same type."""
    alike = [
        one.name
        for one in new.fields
        if old.field(one.name) is None and (one.type, one.required) == (field.type, field.required)
    ]
    return alike[0] if len(alike) == 1 else ""


def _added(field: Field, path: str) -> FieldChange:
    lacking = field.required and field.default is None
    breaks = "events that were written before don't have it" if lacking else ""
    return FieldChange(path, "+", describe(field.type, required=field.required), breaks)


def _removed(field: Field, path: str, renamed: str) -> FieldChange:
    breaks = "consumers rely on its being there" if field.required else ""
    guess = f" (is it `{renamed}` now? for consumers that is another field)" if renamed else ""
    return FieldChange(path, "-", describe(field.type, required=field.required) + guess, breaks)


def _field(old: Field, new: Field, path: str) -> Iterator[FieldChange]:
    if old.required != new.required:
        yield _requiredness(new.required, path)
    yield from _type(old.type, new.type, path)
    yield from _rules(old.rules, new.rules, path)
    if old.default != new.default:
        yield FieldChange(path, "~", f"default {_default(old)} → {_default(new)}")
    if old.description != new.description:
        yield FieldChange(path, "~", _description(old.description, new.description))


_RULES = {
    "valid": "allowed values",
    "missing": "values for a missing one",
    "never_null": "never null",
    "least": "least",
    "most": "most",
    "multiple": "multiple of",
    "patterns": "pattern",
    "min_size": "least size",
    "max_size": "greatest size",
    "unique": "all different",
}


def _rules(old: Rules, new: Rules, path: str) -> Iterator[FieldChange]:
    """Give what changes of the rules: no consumer breaks, but documents may fall out."""
    before, after = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
    for name, value in after.items():
        if before[name] != value:
            text = f"{_RULES.get(name, name)}: {_plain(before[name])} → {_plain(value)}"
            yield FieldChange(path, "~", text)


def _plain(value: object) -> str:
    match value:
        case None | ():
            return "any"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _default(field: Field) -> str:
    return "none" if field.default is None else str(field.default)


def _description(old: str, new: str) -> str:
    if not old or not new:
        return "description added" if new else "description taken away"
    return "another description"


def _requiredness(required: bool, path: str) -> FieldChange:
    if required:
        return FieldChange(path, "~", "optional → required", "earlier events may lack it")
    return FieldChange(path, "~", "required → optional", "consumers don't expect null")


def _type(old: Type, new: Type, path: str) -> Iterator[FieldChange]:
    match old, new:
        case Record(), Record():
            yield from _record(old, new, f"{path}.")
        case Array(), Array():
            if old.required != new.required:
                yield _requiredness(new.required, f"{path}[]")
            yield from _rules(old.rules, new.rules, f"{path}[]")
            yield from _type(old.items, new.items, f"{path}[]")
        case Map(), Map():
            if old.required != new.required:
                yield _requiredness(new.required, f"{path}{{}}")
            yield from _rules(old.rules, new.rules, f"{path}{{}}")
            yield from _type(old.values, new.values, f"{path}{{}}")
        case Enum(), Enum() if old.symbols != new.symbols:
            yield _words_change(old, new, path)
        case _:
            if avro_kind(old) != avro_kind(new):
                text = f"{describe(old)} → {describe(new)}"
                yield FieldChange(path, "~", text, "its type changes")
            elif old != new:
                yield FieldChange(path, "~", f"{describe(old)} → {describe(new)}")


def _words_change(old: Enum, new: Enum, path: str) -> FieldChange:
    added = [one for one in new.symbols if one not in old.symbols]
    gone = [one for one in old.symbols if one not in new.symbols]
    text = ", ".join([*(f"+{one}" for one in added), *(f"-{one}" for one in gone)])
    breaks = ""
    if gone and new.unknown is None:
        breaks = "earlier events may have a word that is taken away, and the enum has no `unknown`"
    if added and old.unknown is None:
        breaks = "its consumers don't know the new word, and the enum had no `unknown`"
    return FieldChange(path, "~", f"words of the enum: {text or 'in another order'}", breaks)


def avro_kind(kind: Type) -> str:
    """Name what a type is on the wire: types of the same kind read each other's events."""
    match kind:
        case types.Integer(bits):
            return "long" if bits > 32 else "int"
        case types.Text():
            return "string"
        case Enum():
            return "enum"
        case _:
            return describe(kind)


def describe(kind: Type, *, required: bool | None = None) -> str:
    """Give a type in words; with `required`, whether it may be absent as well."""
    words = _words(kind)
    if required is None:
        return words
    return f"{'required' if required else 'optional'} {words}"


def _words(kind: Type) -> str:  # noqa: PLR0911 - one line per type
    match kind:
        case types.Integer(bits):
            return "integer" if bits == 32 else f"integer of {bits} bits"
        case types.Decimal(precision, scale):
            return f"decimal({precision},{scale})"
        case types.Text(length):
            return "string" if length is None else f"string of at most {length}"
        case types.Timestamp(zone):
            return "timestamp with time zone" if zone else "timestamp"
        case Array(items):
            return f"list of {_words(items)}"
        case Map(values):
            return f"map of {_words(values)}"
        case types.Float(bits):
            return "real" if bits == 32 else "double precision"
        case Record():
            return "object"
        case _:
            return type(kind).__name__.lower()
