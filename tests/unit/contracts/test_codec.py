import io
import json
from dataclasses import replace

import fastavro
import pytest

from streammesh.contracts import avro
from streammesh.contracts.codec import NotDecodable, wire_head
from streammesh.contracts.contract import Contract
from streammesh.contracts.types import Decimal, Field, Integer, Record, Text
from streammesh.contracts.violations import Violated, Violation
from tests.unit.contracts.shop import CANONICAL, CONTRACT, DOCUMENT, MODEL, codec

CODEC = codec()


def encode(document: str) -> bytes:
    (data,) = CODEC.encode_values([document])
    assert isinstance(data, bytes), data
    return data


def violation(document: str) -> Violation:
    (found,) = CODEC.encode_values([document])
    assert isinstance(found, Violation)
    with pytest.raises(Violated) as caught:
        CODEC.canonical(document)
    assert caught.value.violation == found
    return found


def test_a_document_has_the_canonical_form_of_the_contract() -> None:
    assert CODEC.canonical(DOCUMENT) == CANONICAL
    assert list(CODEC.canonical(DOCUMENT)) == list(CANONICAL)


def test_what_is_encoded_decodes_to_the_canonical_document() -> None:
    data = encode(DOCUMENT)
    assert data[:5] == b"\0\0\0\0\x02"
    assert CODEC.decode_value(data) == CANONICAL


def test_fastavro_reads_what_is_written() -> None:
    whole = Contract(CONTRACT.fields[:1], CONTRACT, None, "", {})
    schema = fastavro.parse_schema(json.loads(avro.value_schema(whole, "t")))
    stream = io.BytesIO(encode(DOCUMENT)[5:])
    value = fastavro.schemaless_reader(stream, schema, None)
    assert isinstance(value, dict)
    assert value["placed_at"].isoformat() == "2026-01-31T10:00:00.000001+00:00"
    assert str(value["lines"][0]["amount"]) == "12.35"
    assert not stream.read()


def test_the_database_s_document_becomes_the_same() -> None:
    given = json.loads(json.dumps(CANONICAL))
    given["lines"][0]["amount"] = "12.345"
    assert CODEC.from_database(given) == CANONICAL


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ('"paid"', '"lost"', "status", "valid values"),
        ('"paid"', "null", "status", "required"),
        ('"Jané"', "null", "customer.name", "required"),
        ('{"name":"Jané","city":null}', "null", "customer", "required"),
        ('"quantity":3', '"quantity":2147483648', "lines[0].quantity", "32 bits"),
        ('"quantity":3', '"quantity":1.3e+19', "lines[0].quantity", "exact"),
        ('"quantity":3', '"quantity":9e999', "lines[0].quantity", "exact"),
        ('"quantity":3', '"quantity":3.0', "lines[0].quantity", "exact"),
        ("12345", "9999999999995", "lines[0].amount", "digits"),
        ("12345", "1.5", "lines[0].amount", "exact"),
        ('"Filter"', '"' + "x" * 21 + '"', "lines[0].product", "20 characters"),
        ("2026-01-31T", "0044-13-31T", "placed_at", "instant"),
        ("2026-01-31T", "12026-01-31T", "placed_at", "instant"),
        ('"lines":[', '"lines":[null,', "lines[0]", "required"),
        ('"lines":[', '"lines":[', "", "no JSON"),
    ],
)
def test_what_violates_the_contract(old: str, new: str, field: str, words: str) -> None:
    assert old in DOCUMENT
    broken = DOCUMENT.replace(old, new, 1) if words != "no JSON" else DOCUMENT[:-1]
    found = violation(broken)
    assert found.field == field
    assert words in found.reason


def test_a_violation_does_not_show_the_value() -> None:
    found = violation(DOCUMENT.replace("Filter", "secret" * 9))
    assert "secret" not in str(found)


def test_only_the_violating_document_is_kept_back() -> None:
    results = CODEC.encode_values([DOCUMENT, DOCUMENT.replace("paid", "?"), DOCUMENT])
    assert [isinstance(one, bytes) for one in results] == [True, False, True]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (12344, "12.34"),
        (12345, "12.35"),
        (-12345, "-12.35"),
        (-12344, "-12.34"),
        (4, "0.00"),
        (-4, "0.00"),
        (-5, "-0.01"),
        (999999999999_4, "9999999999.99"),
        (-999999999999_4, "-9999999999.99"),
    ],
)
def test_decimals_are_rounded_half_away_from_zero(amount: int, text: str) -> None:
    document = DOCUMENT.replace("12345", str(amount))
    decoded = CODEC.decode_value(encode(document))
    assert decoded["lines"][0]["amount"] == text
    assert decoded == CODEC.canonical(document)


def test_a_list_may_be_null_or_empty() -> None:
    for written, value in (("null", None), ("[]", [])):
        head = DOCUMENT.split('"lines":')[0]
        data = encode(f'{head}"lines":{written}}}')
        assert CODEC.decode_value(data)["lines"] == value


def test_a_document_over_the_limit_is_a_violation() -> None:
    size = len(encode(DOCUMENT))
    assert isinstance(codec(max_bytes=size).encode_values([DOCUMENT])[0], bytes)
    (found,) = codec(max_bytes=size - 1).encode_values([DOCUMENT])
    assert isinstance(found, Violation)
    assert found.field == ""
    assert str(size) in found.reason


def test_a_key_is_always_the_same_bytes() -> None:
    assert CODEC.encode_keys([(1,), (-1,), (1,)]) == [
        b"\0\0\0\0\x01\x02",
        b"\0\0\0\0\x01\x01",
        b"\0\0\0\0\x01\x02",
    ]
    big = 2**63 - 1
    assert CODEC.decode_key(CODEC.encode_keys([(big,)])[0]) == {"order_id": big}
    assert CODEC.canonical_key((big,)) == (big,)


def test_a_key_is_written_in_the_order_of_its_schema() -> None:
    fields = (Field("a", Text(), required=True), Field("b", Decimal(4, 1), required=True))
    record = Record(fields)
    contract = Contract((fields[1], fields[0]), record, None, "", {})
    one = codec(record, record, key=("a", "b"))
    other = replace(contract, key=fields)
    assert avro.key_schema(contract, "t") != avro.key_schema(other, "t")
    (data,) = one.encode_keys([("x", 15)])
    assert data == b"\0\0\0\0\x01\x02x\x02\x0f"
    assert one.decode_key(data) == {"a": "x", "b": "1.5"}
    assert one.canonical_key(("x", 15)) == ("x", "1.5")


def test_a_key_that_may_lose_something_is_refused() -> None:
    wide = Record((Field("id", Integer(64), required=True),))
    narrow = Record((Field("id", Integer(32), required=True),))
    with pytest.raises(ValueError, match="may not fit"):
        codec(wide, narrow, key=("id",))


def test_types_that_do_not_agree_are_refused() -> None:
    with pytest.raises(ValueError, match="can't be assigned"):
        codec(Record((*MODEL.fields[:4], Field("lines", Text()))), CONTRACT)


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\0", b"\x01\0\0\0\x02abc", wire_head(7) + b"\x02", wire_head(2) + b"\x02\x02"],
)
def test_what_is_no_value_of_this_topic(data: bytes) -> None:
    with pytest.raises(NotDecodable):
        CODEC.decode_value(data)


def test_bytes_after_the_value_are_seen() -> None:
    with pytest.raises(NotDecodable, match="1 bytes too many"):
        CODEC.decode_value(encode(DOCUMENT) + b"\0")


def test_values_of_an_older_schema_are_read_once_it_is_known() -> None:
    older = Record(CONTRACT.fields[:4])
    whole = Contract(older.fields[:1], older, None, "", {})
    document = DOCUMENT.split(',"lines"')[0] + "}"
    (data,) = codec(Record(MODEL.fields[:4]), older).encode_values([document])
    assert isinstance(data, bytes)
    data = wire_head(9) + data[5:]
    reader = codec()
    with pytest.raises(NotDecodable, match="schema 9"):
        reader.decode_value(data)
    reader.learn(9, avro.value_schema(whole, "t"))
    assert reader.decode_value(data) == {**CANONICAL, "lines": None}
