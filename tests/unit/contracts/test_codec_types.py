"""For any types, rules and values: the fast way and the careful way agree."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streammesh.contracts.state_form import from_state
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Field,
    Integer,
    Json,
    Map,
    Record,
    Text,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.contracts.violations import Violated, Violation
from tests.unit.contracts.any_type import decimals, integers, records, typed_pairs, values
from tests.unit.contracts.shop import codec

CASES = records(typed_pairs()).flatmap(
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


def test_jsons_own_null_is_null_where_a_value_is_required() -> None:
    held = (Json(), Array(Json()), Map(Json()))
    for type_, text in zip(held, ("null", "[1,null]", '{"a":null}'), strict=True):
        record = Record((ID, Field("j", type_, required=True)))
        (value,) = codec(record, record, key=("id",)).encode_values([f'{{"id":1,"j":{text}}}'])
        assert isinstance(value, Violation), type_
