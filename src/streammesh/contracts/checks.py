"""What a contract's rules say of a value: checked on canonical values, one after the other.

The engine's fast way has the same checks as generated code (`encoder`); what it refuses comes here
to learn why, and so do the database's documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from streammesh.contracts.numbers import decimal_text
from streammesh.contracts.patterns import search
from streammesh.contracts.raw import raw
from streammesh.contracts.types import (
    FREE,
    Array,
    Bytes,
    Decimal,
    Field,
    Json,
    Map,
    Record,
    Rules,
    Text,
    Type,
)
from streammesh.contracts.violations import Violated
from streammesh.contracts.walking import Convert, nullable, required


def guarded(convert: Convert, field: Field) -> Convert:
    """Give a function that also checks a field's rules, and NULL.

    Args:
        convert: from a value, never None, to a canonical one of the field's type.
        field: the contract's field; of a list's elements, one without a name.
    """
    checks = list(_checks(field.type, field.rules)) if field.rules != FREE else []
    whole = _all(convert, checks) if checks else convert
    if field.required:
        return required(whole)
    if field.rules.never_null:
        return required(whole, "is NULL, which a rule of the contract forbids")
    return nullable(whole)


def violated(field: Field, value: Any) -> str | None:
    """Tell why a canonical value, not None, breaks the rules of its field; None when it doesn't."""
    try:
        for check in _checks(field.type, field.rules):
            check(value)
    except Violated as error:
        return error.reason
    return None


def _all(convert: Convert, checks: list[Convert]) -> Convert:
    def checked(value: Any) -> Any:
        value = convert(value)
        for check in checks:
            check(value)
        return value

    return checked


def _checks(type_: Type, rules: Rules) -> Iterator[Convert]:
    if rules.valid:
        yield _choice(frozenset(rules.valid))
    if rules.missing:
        yield _present(frozenset(rules.missing))
    if rules.least is not None or rules.most is not None:
        yield _range(type_, rules.least, rules.most)
    if rules.multiple is not None:
        yield _multiple(type_, rules.multiple)
    for pattern in rules.patterns:
        yield _pattern(pattern)
    if rules.min_size or rules.max_size is not None:
        yield _size(type_, rules)
    if rules.unique:
        yield _unique


def _choice(values: frozenset[str | int]) -> Convert:
    def check(value: Any) -> None:
        if value not in values:
            raise Violated("is none of the valid values")

    return check


def _present(values: frozenset[str | int]) -> Convert:
    def check(value: Any) -> None:
        if value in values:
            raise Violated("has a value that stands for a missing one")

    return check


def _range(type_: Type, least: Any, most: Any) -> Convert:
    low = None if least is None else raw(type_, least)
    high = None if most is None else raw(type_, most)

    def check(value: Any) -> None:
        number = raw(type_, value)
        if low is not None and not number >= low:
            raise Violated(f"is not at least {least}")
        if high is not None and not number <= high:
            raise Violated(f"is not at most {most}")

    return check


def _multiple(type_: Type, multiple: int) -> Convert:
    scale = type_.scale if isinstance(type_, Decimal) else 0

    def check(value: Any) -> None:
        if raw(type_, value) % multiple:
            raise Violated(f"is no multiple of {decimal_text(multiple, scale)}")

    return check


def _pattern(pattern: str) -> Convert:
    found = search(pattern)

    def check(value: Any) -> None:
        if not found(value):
            raise Violated(f"doesn't match the pattern {pattern}")

    return check


def _size(type_: Type, rules: Rules) -> Convert:
    least, most, (count, noun) = rules.min_size, rules.max_size, _counted(type_)

    def check(value: Any) -> None:
        size = count(value)
        if size < least:
            raise Violated(f"has {size} {noun}, fewer than {least}")
        if most is not None and size > most:
            raise Violated(f"has {size} {noun}, more than {most}")

    return check


def _counted(type_: Type) -> tuple[Convert, str]:
    match type_:
        case Text():
            return len, "characters"
        case Bytes():
            return lambda value: len(value) // 2, "bytes"
        case Array():
            return len, "elements"
        case Record():
            return filled, "fields"
        case Map():
            return len, "entries"
        case Json():
            return entries, "entries"
        case _:
            raise TypeError(type_)


def filled(value: dict[str, Any]) -> int:
    """Count the fields of an object that are not NULL."""
    return sum(one is not None for one in value.values())


def entries(value: object) -> int:
    """Count the entries of a JSON object.

    Raises:
        Violated: when it is no object.
    """
    if not isinstance(value, dict):
        raise Violated("is no object")
    return len(value)


def _unique(value: Any) -> None:
    texts = {msgspec.json.encode(one, order="deterministic") for one in value}
    if len(texts) != len(value):
        raise Violated("has an element twice")
