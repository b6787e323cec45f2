"""Numbers of any size are assigned to a contract's decimal as PostgreSQL assigns them."""

from __future__ import annotations

import json

import pytest

from streammesh.contracts.assign import assignable, lossless
from streammesh.contracts.assignment import assigner
from streammesh.contracts.codec import Codec
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Decimal, Field, Integer, Numeric, Record
from streammesh.contracts.violations import Violated, Violation

PROMISED = Decimal(6, 2)


@pytest.mark.parametrize(
    ("given", "assigned"),
    [
        ("1.5", "1.50"),
        ("100", "100.00"),
        ("-0.005", "-0.01"),
        ("-0.0049999999999999999999999999", "0.00"),
        ("9999.994999", "9999.99"),
        ("0.000000000000000000001", "0.00"),
        ("0", "0.00"),
    ],
)
def test_rounded_as_assigned(given: str, assigned: str) -> None:
    assert assigner(Numeric(), PROMISED)(given) == assigned


@pytest.mark.parametrize(
    "given", ["10000", "9999.995", "1" * 5000, "NaN", "Infinity", "-Infinity", "1e5", "", 1e300]
)
def test_what_does_not_fit_is_a_violation(given: object) -> None:
    with pytest.raises(Violated):
        assigner(Numeric(), PROMISED)(given)
    (found,) = codec().encode_values([json.dumps({"id": 1, "n": given})])
    assert isinstance(found, Violation)
    assert found.field == "n"


def codec() -> Codec:
    contract = Record((Field("id", Integer(), required=True), Field("n", PROMISED)))
    model = Record((Field("id", Integer(), required=True), Field("n", Numeric())))
    value = (
        '{"type":"record","name":"V","fields":[{"name":"id","type":"long"},{"name":"n","type":'
        '["null",{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}]}]}'
    )
    key = '{"type":"record","name":"K","fields":[{"name":"id","type":"long"}]}'
    return Codec(
        model,
        Contract(contract.fields[:1], contract, None, "", {}),
        ("id",),
        key,
        1,
        value,
        2,
        1000,
    )


def test_bytes_say_the_rounded_number() -> None:
    (data,) = codec().encode_values(['{"id": 1, "n": "12.345"}'])
    assert isinstance(data, bytes)
    assert codec().decode_value(data) == {"id": 1, "n": "12.35"}


def test_it_fits_decimals_alone_and_never_a_key() -> None:
    assert assignable(Numeric(), PROMISED) is None
    assert assignable(Numeric(), Integer()) is not None
    assert lossless(Numeric(), Decimal(38, 10)) == "numeric may not fit decimal(38,10)"
