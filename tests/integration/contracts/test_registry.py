"""The real registry takes the schemas of contracts, and judges their changes as plans say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.contracts import avro
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Enum, Field, Integer, Record, Text
from tests.integration.contracts.conftest import Subjects
from tests.integration.contracts.every_type import every_type

ID = Field("id", Integer(), required=True)


def with_field(field: Field | None) -> str:
    fields = (ID,) if field is None else (ID, field)
    return avro.value_schema(Contract((ID,), Record(fields), None, "", {}), "t")


@pytest.mark.real
def test_every_type_is_taken_and_grows(subjects: Subjects) -> None:
    whole, topic = every_type(), f"{subjects.prefix}.grows.v1"
    first = subjects.register(topic, avro.value_schema(whole, topic))
    assert subjects.register(topic, avro.value_schema(whole, topic)) == first
    added = Field("more", Text(), required=True, default="none")
    larger = replace(whole, fields=Record((*whole.fields.fields, added)))
    assert subjects.register(topic, avro.value_schema(larger, topic)) != first


@pytest.mark.real
@pytest.mark.parametrize(
    ("old", "new", "taken"),
    [
        (None, Field("x", Text(), required=True), False),
        (None, Field("x", Text(), required=True, default=""), True),
        (
            Field("x", Enum(("a", "b")), required=True),
            Field("x", Enum(("a", "b", "c")), required=True),
            False,
        ),
        (
            Field("x", Enum(("a", "b"), unknown="a"), required=True),
            Field("x", Enum(("a", "b", "c"), unknown="a"), required=True),
            True,
        ),
    ],
    ids=["required", "default", "word", "word with unknown"],
)
def test_a_change_is_judged(
    subjects: Subjects, old: Field | None, new: Field, *, taken: bool
) -> None:
    topic = f"{subjects.prefix}.judged.v1"
    subjects.register(topic, with_field(old))
    if taken:
        subjects.register(topic, with_field(new))
    else:
        with pytest.raises(AssertionError, match=r"409|incompatible|Incompatible"):
            subjects.register(topic, with_field(new))
