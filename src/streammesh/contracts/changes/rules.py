"""What changes of the rules that each value is checked by: loosened, tightened, or both."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import Any

from streammesh.contracts.changes.kinds import Kind
from streammesh.contracts.changes.types import Found
from streammesh.contracts.numbers import decimal_text
from streammesh.contracts.types import Decimal, Field, Float, Integer, Rules, Type

_LOOSER, _TIGHTER = Kind.FORMAT_LOOSENED, Kind.FORMAT_TIGHTENED


def rule_changes(old: Field, new: Field) -> Iterator[Found]:
    """Give what changes of the rules of two fields of the same kind of type."""
    before, after = old.rules, new.rules
    yield from _valid(before, after)
    yield from _ends(old, new)
    yield from _multiple(old, new)
    yield from _patterns(before.patterns, after.patterns)
    yield from _sizes(before, after)
    if before.unique != after.unique:
        kind = _TIGHTER if after.unique else _LOOSER
        yield kind, *_said(before.unique, after.unique, "all different")
    yield from _presence(before, after)


def _valid(old: Rules, new: Rules) -> Iterator[Found]:
    before, after = old.valid, new.valid
    added = [one for one in after if one not in before] if before else []
    gone = [one for one in before if one not in after] if after else []
    if added or (before and not after):
        yield Kind.ENUM_VALUE_ADDED, "" if added else _listed(before), _listed(added) or "any value"
    if gone or (after and not before):
        yield Kind.ENUM_VALUE_REMOVED, _listed(gone) or "any value", "" if gone else _listed(after)


def _listed(values: Collection[object]) -> str:
    return ", ".join(map(str, values))


def _ends(old: Field, new: Field) -> Iterator[Found]:
    for name, sign in (("least", 1), ("most", -1)):
        before, after = getattr(old.rules, name), getattr(new.rules, name)
        if before != after:
            kind = _TIGHTER if _stricter(old.type, before, new.type, after, sign) else _LOOSER
            if before is None or after is None or not _equal(old.type, before, new.type, after):
                yield kind, _end(name, before), _end(name, after)


def _equal(old: Type, before: Any, new: Type, after: Any) -> bool:
    return bool(_number(old, before) == _number(new, after))


def _stricter(old: Type, before: Any, new: Type, after: Any, sign: int) -> bool:
    if before is None or after is None:
        return before is None
    low, high = _number(old, before), _number(new, after)
    return bool(high > low if sign > 0 else high < low)


def _number(type_: Type, value: Any) -> Any:
    match type_:
        case Integer() | Decimal():
            return Fraction(str(value))
        case Float():
            return float(value)
        case _:
            return value  # days and times are texts that stand in order


def _end(name: str, value: object) -> str:
    return "" if value is None else f"at {name} {value}"


def _multiple(old: Field, new: Field) -> Iterator[Found]:
    before, after = _step(old), _step(new)
    if before != after:
        kind = _LOOSER if after is None or (before and (after / before) % 1) else _TIGHTER
        yield kind, _step_said(old), _step_said(new)


def _step(field: Field) -> Fraction | None:
    multiple = field.rules.multiple
    return None if multiple is None else Fraction(_digits(field, multiple))


def _digits(field: Field, multiple: int) -> str:
    return decimal_text(multiple, field.type.scale if isinstance(field.type, Decimal) else 0)


def _step_said(field: Field) -> str:
    multiple = field.rules.multiple
    return "" if multiple is None else f"a multiple of {_digits(field, multiple)}"


def _patterns(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Found]:
    gone = [one for one in before if one not in after]
    added = [one for one in after if one not in before]
    if gone or added:
        kind = _LOOSER if gone else _TIGHTER
        yield kind, _pattern(gone), _pattern(added)


def _pattern(patterns: list[str]) -> str:
    return f"pattern {' and '.join(patterns)}" if patterns else ""


def _size(end: str, size: int | None) -> str:
    return "" if size is None or (end == "least" and not size) else f"size at {end} {size}"


def _sizes(old: Rules, new: Rules) -> Iterator[Found]:
    if old.min_size != new.min_size:
        kind = _TIGHTER if new.min_size > old.min_size else _LOOSER
        yield kind, _size("least", old.min_size), _size("least", new.min_size)
    if old.max_size != new.max_size:
        loose = new.max_size is None or (old.max_size is not None and new.max_size > old.max_size)
        kind = _LOOSER if loose else _TIGHTER
        yield kind, _size("most", old.max_size), _size("most", new.max_size)


def _presence(old: Rules, new: Rules) -> Iterator[Found]:
    if old.never_null != new.never_null:
        kind = Kind.QUALITY_ADDED if new.never_null else Kind.QUALITY_LOOSENED
        yield kind, *_said(old.never_null, new.never_null, "never null")
    gone = [one for one in old.missing if one not in new.missing]
    added = [one for one in new.missing if one not in old.missing]
    if gone:
        yield Kind.QUALITY_LOOSENED, f"never {_listed(gone)}", ""
    if added:
        kind = Kind.QUALITY_TIGHTENED if old.missing else Kind.QUALITY_ADDED
        yield kind, "", f"never {_listed(added)}"


def _said(before: bool, after: bool, text: str) -> tuple[str, str]:
    return text if before else "", text if after else ""
