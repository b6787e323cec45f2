"""For any types and values: the fast way and the careful way agree."""

import json
from datetime import date, datetime, time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streammesh.contracts.numbers import decimal_text
from streammesh.contracts.state_form import from_state
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Field,
    Integer,
    Json,
    Record,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.contracts.violations import Violated, Violation
from tests.unit.contracts.shop import codec

SCALARS: dict[type, st.SearchStrategy[Any]] = {
    Boolean: st.sampled_from([0, 1]),
    Bytes: st.binary(max_size=9).map(bytes.hex),
    Date: st.dates().map(date.isoformat),
    Time: st.times().map(lambda one: time.isoformat(one, timespec="microseconds")),
    Uuid: st.uuids().map(str),
    Json: st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=4,
    ).filter(lambda one: one is not None),
    Text: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
}


def decimals() -> st.SearchStrategy[Decimal]:
    return st.integers(1, 38).flatmap(
        lambda digits: st.builds(Decimal, st.just(digits), st.integers(0, digits))
    )


def integers() -> st.SearchStrategy[Integer]:
    return st.sampled_from([Integer(16), Integer(32), Integer(64)])


def same(type_: Type) -> tuple[Type, Type]:
    return type_, type_


PLAIN: list[Type] = [
    *(Boolean(), Bytes(), Date(), Time(), Uuid(), Json(), Text()),
    *(Timestamp(), Timestamp(zone=True)),
]
PAIRS: st.SearchStrategy[tuple[Type, Type]] = st.one_of(
    st.sampled_from(PLAIN).map(same),
    st.tuples(integers(), integers() | decimals()),
    st.tuples(decimals(), decimals()),
    st.tuples(st.integers(1, 38).map(lambda digits: Decimal(digits, 0)), integers()),
    st.tuples(st.just(Text()), st.integers(0, 8).map(Text)),
    st.just((Uuid(), Text())),
)


def nested(inner: st.SearchStrategy[tuple[Type, Type]]) -> st.SearchStrategy[tuple[Type, Type]]:
    return records(inner) | st.tuples(inner, st.booleans()).map(
        lambda parts: (Array(parts[0][0], required=parts[1]), Array(parts[0][1], required=parts[1]))
    )


def records(inner: st.SearchStrategy[tuple[Type, Type]]) -> st.SearchStrategy[tuple[Type, Type]]:
    def of(parts: list[tuple[tuple[Type, Type], bool]]) -> tuple[Type, Type]:
        model = [Field(f"f{i}", pair[0], required) for i, (pair, required) in enumerate(parts)]
        promised = [Field(f"f{i}", pair[1], required) for i, (pair, required) in enumerate(parts)]
        return Record(tuple(model)), Record(tuple(reversed(promised)))

    return st.lists(st.tuples(inner, st.booleans()), min_size=1, max_size=4).map(of)


def values(type_: Type) -> st.SearchStrategy[Any]:
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
        case _:
            return SCALARS[type(type_)]


CASES = records(st.recursive(PAIRS, nested, max_leaves=4)).flatmap(
    lambda pair: st.tuples(st.just(pair[0]), st.just(pair[1]), values(pair[0]))
)
ID = Field("id", Integer(64), required=True)


def with_id(record: Type) -> Record:
    assert isinstance(record, Record)
    return Record((ID, *record.fields))


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_the_fast_way_agrees_with_the_careful_way(
    case: tuple[Type, Type, dict[str, Any]],
) -> None:
    model, contract, value = case
    one = codec(with_id(model), with_id(contract), key=("id",))
    text = json.dumps({"id": 1, **value}, ensure_ascii=False)
    (result,) = one.encode_values([text])
    if isinstance(result, Violation):
        with pytest.raises(Violated) as caught:
            one.canonical(text)
        assert result == caught.value.violation
    else:
        canonical = one.canonical(text)
        assert one.decode_value(result) == canonical
        as_database = from_state(with_id(model))(json.loads(text))
        assert one.from_database(as_database) == canonical


KEY_TYPES: list[Type] = [Boolean(), Bytes(), Date(), Uuid(), Text(), Timestamp(zone=True)]
KEYS: st.SearchStrategy[tuple[Type, Any, Any]] = st.one_of(
    st.sampled_from(KEY_TYPES), integers(), decimals()
).flatmap(lambda type_: st.tuples(st.just(type_), values(type_), values(type_)))


@settings(max_examples=100, deadline=None)
@given(KEYS)
def test_keys_are_equal_in_bytes_exactly_when_they_are_equal(case: tuple[Type, Any, Any]) -> None:
    type_, first, second = case
    record = Record((Field("k", type_, required=True),))
    one = codec(record, record, key=("k",))
    keys = one.encode_keys([(first,), (second,)])
    assert (keys[0] == keys[1]) is (one.canonical_key((first,)) == one.canonical_key((second,)))
    assert tuple(one.decode_key(keys[0]).values()) == one.canonical_key((first,))


def test_json_is_canonical_text_in_avro() -> None:
    record = Record((ID, Field("j", Json(), required=True)))
    one = codec(record, record, key=("id",))
    texts = ['{"id":1,"j":{"b":[1, 2],"a":null}}', '{"id":1,"j":{"a":null,"b":[1,2]}}']
    first, second = one.encode_values(texts)
    assert first == second
    assert msgspec.json.encode(one.canonical(texts[0])["j"]) == b'{"a":null,"b":[1,2]}'
