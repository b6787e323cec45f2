"""Strategies for property tests: types as a model and a contract have them, rules, values."""

import math
from datetime import date, datetime, time
from typing import Any

from hypothesis import strategies as st

from streammesh.contracts import floats as shortest
from streammesh.contracts.numbers import decimal_text
from streammesh.contracts.types import (
    FREE,
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Enum,
    Field,
    Float,
    Integer,
    Json,
    Map,
    Numeric,
    Record,
    Rules,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)

Pair = tuple[Type, Type]
Pairs = st.SearchStrategy[Pair]


def _float_text(number: float) -> str:
    if math.isfinite(number):
        return repr(number)
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _real_text(number: float) -> str:
    """Write a real as the state has it: its own value, in the fewest digits."""
    return _float_text(shortest.number(shortest.canonical(number, 32)))


SCALARS: dict[type, st.SearchStrategy[Any]] = {
    Boolean: st.sampled_from([0, 1]),
    Bytes: st.binary(max_size=9).map(bytes.hex),
    Date: st.dates().map(date.isoformat),
    Time: st.times().map(lambda one: time.isoformat(one, timespec="microseconds")),
    Uuid: st.uuids().map(str),
    Float: st.floats().map(_float_text),
    Numeric: st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    Json: st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=4,
    ).filter(lambda one: one is not None),
    Text: st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from("abc"),
}
"""Values in state form."""


def decimals() -> st.SearchStrategy[Decimal]:
    return st.integers(1, 38).flatmap(
        lambda digits: st.builds(Decimal, st.just(digits), st.integers(0, digits))
    )


def integers() -> st.SearchStrategy[Integer]:
    return st.sampled_from([Integer(16), Integer(32), Integer(64)])


def floats() -> st.SearchStrategy[Float]:
    return st.sampled_from([Float(32), Float(64)])


def _same(type_: Type) -> Pair:
    return type_, type_


PLAIN: list[Type] = [
    *(Boolean(), Bytes(), Date(), Time(), Uuid(), Json(), Text()),
    *(Timestamp(), Timestamp(zone=True)),
]
HELD: list[Type] = [Text(), Integer(16), Boolean(), Float(32), Array(Text()), Map(Json())]
PAIRS: Pairs = st.one_of(
    st.sampled_from(PLAIN).map(_same),
    st.tuples(integers(), integers() | decimals() | floats()),
    st.tuples(decimals(), decimals() | floats()),
    st.tuples(st.just(Numeric()), decimals() | floats()),
    st.tuples(floats(), floats()),
    st.tuples(st.integers(1, 38).map(lambda digits: Decimal(digits, 0)), integers()),
    st.tuples(st.just(Text()), st.integers(0, 8).map(Text)),
    st.just((Uuid(), Text())),
    st.just((Text(), Enum(("a", "b")))),
    st.sampled_from(HELD).map(lambda held: (Json(), Map(held))),
)


def typed_pairs() -> Pairs:
    """Give a model's type and a contract's that it can be assigned to."""
    return st.recursive(PAIRS, _nested, max_leaves=4)


def _nested(inner: Pairs) -> Pairs:
    return records(inner) | lists(inner) | maps(inner)


def lists(inner: Pairs) -> Pairs:
    return inner.flatmap(
        lambda pair: st.builds(
            lambda required, rules: (
                Array(pair[0], required=required),
                Array(pair[1], required=required, rules=rules),
            ),
            st.booleans(),
            rules_of(pair[1]),
        )
    )


def maps(inner: Pairs) -> Pairs:
    return inner.flatmap(
        lambda pair: st.builds(
            lambda required, rules: (
                Map(pair[0], required=required),
                Map(pair[1], required=required, rules=rules),
            ),
            st.booleans(),
            rules_of(pair[1]),
        )
    )


def records(inner: Pairs) -> Pairs:
    def of(parts: list[tuple[Pair, bool, Rules]]) -> Pair:
        model = [Field(f"f{i}", pair[0], required) for i, (pair, required, _) in enumerate(parts)]
        promised = [
            Field(f"f{i}", pair[1], required, rules=rules)
            for i, (pair, required, rules) in enumerate(parts)
        ]
        return Record(tuple(model)), Record(tuple(reversed(promised)))

    part = inner.flatmap(
        lambda pair: st.tuples(st.just(pair), st.booleans(), st.just(FREE) | rules_of(pair[1]))
    )
    return st.lists(part, min_size=1, max_size=4).map(of)


def rules_of(type_: Type) -> st.SearchStrategy[Rules]:  # noqa: PLR0911 - one line per type
    """Give rules that a value of the type may keep or break."""
    never_null = st.booleans()
    match type_:
        case Integer(bits):
            bound = st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) | st.integers(-9, 9)
            multiple = st.none() | st.integers(1, 9)
            valid = st.just(()) | st.just((1, 2, 3))
            return st.builds(Rules, valid=valid, least=bound, multiple=multiple)
        case Decimal(precision, scale):
            most = 10**precision - 1
            text = st.integers(-most, most).map(lambda one: decimal_text(one, scale))
            return st.builds(Rules, most=text, multiple=st.none() | st.integers(1, 9))
        case Float():
            return st.builds(Rules, least=st.floats(-10, 10), never_null=never_null)
        case Date():
            return st.builds(Rules, least=st.dates().map(date.isoformat))
        case Text():
            patterns = st.sampled_from([(), ("^[a-z]*$",), ("a", "^.{1,4}$")])
            return st.builds(
                Rules,
                patterns=patterns,
                min_size=st.integers(0, 2),
                missing=st.sampled_from([(), ("", "a")]),
                never_null=never_null,
            )
        case Array():
            return st.builds(
                Rules,
                min_size=st.integers(0, 1),
                max_size=st.none() | st.integers(1, 2),
                unique=st.booleans(),
            )
        case Record() | Map() | Bytes():
            return st.builds(Rules, min_size=st.integers(0, 1), max_size=st.integers(1, 2))
        case _:
            return st.builds(Rules, never_null=never_null)


def values(type_: Type) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line per type
    """Values in state form."""
    match type_:
        case Record(fields):
            return st.fixed_dictionaries(
                {
                    one.name: values(one.type) | (st.nothing() if one.required else st.none())
                    for one in fields
                }
            )
        case Array(items, required):
            element = values(items) | (st.nothing() if required else st.none())
            return st.lists(element, max_size=3)
        case Map(held, required):
            element = values(held) | (st.nothing() if required else st.none())
            return st.dictionaries(SCALARS[Text], element, max_size=3)
        case Integer(bits):
            most = 2 ** (bits - 1)
            return st.integers(-most, most - 1) | st.integers(-20_000, 20_000)
        case Decimal(precision, scale):
            most = 10 ** min(precision, 38) - 1
            number = st.integers(-most, most)
            return number if precision <= 18 else number.map(lambda one: decimal_text(one, scale))
        case Timestamp(zone):
            end = "Z" if zone else ""
            return st.datetimes().map(
                lambda one: datetime.isoformat(one, timespec="microseconds") + end
            )
        case Float(32):
            return st.floats(width=32).map(_real_text)
        case _:
            return SCALARS[type(type_)]
