import pytest

from streammesh.contracts.assign import assignable, lossless
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

SCALARS: list[Type] = [
    Boolean(),
    Integer(),
    Decimal(10, 2),
    Text(),
    Bytes(),
    Date(),
    Time(),
    Timestamp(),
    Timestamp(zone=True),
    Uuid(),
    Json(),
]


@pytest.mark.parametrize("type_", SCALARS, ids=repr)
def test_a_type_can_be_assigned_to_itself(type_: Type) -> None:
    assert assignable(type_, type_) is None
    assert lossless(type_, type_) is None


@pytest.mark.parametrize(
    ("model", "contract"),
    [
        (Integer(64), Integer(16)),
        (Integer(64), Decimal(3, 1)),
        (Decimal(20, 4), Decimal(12, 2)),
        (Decimal(10, 0), Integer(32)),
        (Text(), Text(5)),
        (Uuid(), Text()),
    ],
)
def test_narrowing_within_a_kind_is_left_to_the_documents(model: Type, contract: Type) -> None:
    assert assignable(model, contract) is None


@pytest.mark.parametrize(
    ("model", "contract"),
    [(a, b) for a in SCALARS for b in SCALARS if a != b],
    ids=repr,
)
def test_kinds_do_not_mix(model: Type, contract: Type) -> None:
    allowed = {(Integer, Decimal), (Uuid, Text)}
    refused = assignable(model, contract) is not None
    assert refused is ((type(model), type(contract)) not in allowed)


@pytest.mark.parametrize(
    ("model", "contract", "fits"),
    [
        (Integer(32), Integer(64), True),
        (Integer(64), Integer(32), False),
        (Integer(16), Decimal(5, 0), True),
        (Integer(16), Decimal(5, 1), False),
        (Decimal(9, 0), Integer(32), True),
        (Decimal(10, 0), Integer(32), False),
        (Decimal(10, 2), Decimal(12, 4), True),
        (Decimal(10, 2), Decimal(11, 4), False),
        (Decimal(10, 2), Decimal(10, 1), False),
        (Text(5), Text(5), True),
        (Text(5), Text(), True),
        (Text(6), Text(5), False),
        (Text(), Text(5), False),
        (Uuid(), Text(36), True),
        (Uuid(), Text(35), False),
    ],
)
def test_a_key_must_fit_without_loss(model: Type, contract: Type, fits: bool) -> None:
    assert (lossless(model, contract) is None) is fits


def record(**fields: Field) -> Record:
    return Record(tuple(fields.values()))


LINE = Record((Field("amount", Decimal(10, 2), required=True), Field("note", Text())))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((Field("amount", Text(), required=True), Field("note", Text())), "`lines[].amount`: text"),
        ((Field("amount", Decimal(10, 2)), Field("note", Text())), "`lines[].amount`: it may be"),
        ((Field("amount", Decimal(10, 2), required=True),), "`lines[].note`: the model doesn't"),
        ((*LINE.fields, Field("extra", Text())), "`lines[].extra`: the contract has no"),
    ],
)
def test_the_reason_names_the_path(fields: tuple[Field, ...], reason: str) -> None:
    contract = Record((Field("lines", Array(LINE)),))
    model = Record((Field("lines", Array(Record(fields))),))
    assert (assignable(model, contract) or "").startswith(reason)


def test_a_list_of_nullable_elements_is_no_list_of_required_ones() -> None:
    assert assignable(Array(Text(), required=False), Array(Text())) is not None
    assert assignable(Array(Text()), Array(Text(), required=False)) is None
