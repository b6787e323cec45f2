import io

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streammesh.contracts.varint import LONG, decimal, long

EDGES = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 2**27, 2**63 - 1, -(2**63)]


def by_fastavro(schema: object, value: object) -> bytes:
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, schema, value)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize("number", EDGES)
def test_edges(number: int) -> None:
    assert long(number) == LONG[number] == by_fastavro("long", number)


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_number(number: int) -> None:
    assert LONG[number] == by_fastavro("long", number)


@given(st.integers(-(10**38), 10**38))
def test_a_decimal_is_the_shortest_two_s_complement(number: int) -> None:
    data = decimal(number)
    raw = fastavro.schemaless_reader(io.BytesIO(data), "bytes", None)
    assert isinstance(raw, bytes)
    assert int.from_bytes(raw, "big", signed=True) == number
    shorter = raw[1:]
    assert not shorter or int.from_bytes(shorter, "big", signed=True) != number
