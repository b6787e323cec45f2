"""What breaks a consumer, and what doesn't."""

import pytest

from streammesh.contracts.types import (
    Array,
    Decimal,
    Field,
    Integer,
    Record,
    Rules,
    Text,
    Timestamp,
)
from streammesh.planning.weighing.fields import changes


def record(*fields: Field) -> Record:
    return Record(fields)


BASE = record(Field("id", Integer(), required=True), Field("city", Text()))


def test_nothing_changed():
    assert changes(BASE, BASE) == ()


def test_an_added_optional_field_breaks_nobody():
    [change] = changes(BASE, record(*BASE.fields, Field("country", Text())))
    assert (change.path, change.symbol, change.breaks) == ("country", "+", "")


def test_an_added_required_field_breaks_readers_of_earlier_events():
    [change] = changes(BASE, record(*BASE.fields, Field("country", Text(), required=True)))
    assert change.breaks


def test_a_removed_required_field_breaks_but_an_optional_one_does_not():
    removed = {one.path: bool(one.breaks) for one in changes(BASE, record())}
    assert removed == {"id": True, "city": False}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Integer(32), Integer(64)),
        (Decimal(12, 2), Decimal(14, 2)),
        (Timestamp(), Timestamp(zone=True)),
        (Text(), Integer()),
    ],
)
def test_another_type_breaks(old, new):
    [change] = changes(record(Field("a", old)), record(Field("a", new)))
    assert change.breaks


def test_a_longer_string_is_the_same_on_the_wire():
    [change] = changes(record(Field("a", Text(10))), record(Field("a", Text(20))))
    assert not change.breaks


@pytest.mark.parametrize("required", [True, False])
def test_required_and_optional_never_change_places(required):
    [change] = changes(
        record(Field("a", Text(), required=required)),
        record(Field("a", Text(), required=not required)),
    )
    assert change.breaks


def test_nested_fields_have_their_path():
    def lines(kind):
        return record(Field("lines", Array(record(Field("amount", kind)))))

    [change] = changes(lines(Decimal(12, 2)), lines(Decimal(12, 3)))
    assert change.path == "lines[].amount"
    assert change.text == "decimal(12,2) → decimal(12,3)"


def test_a_renamed_field_is_guessed_when_only_one_other_is_like_it():
    [added, removed] = changes(BASE, record(BASE.fields[0], Field("town", Text())))
    assert (added.symbol, removed.symbol) == ("+", "-")
    assert "is it `town` now?" in removed.text
    two = record(BASE.fields[0], Field("town", Text()), Field("place", Text()))
    assert "now?" not in changes(BASE, two)[-1].text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({}, {"rules": Rules(valid=("a", "b"))}, "allowed values: any → a, b"),
        ({"rules": Rules(least=0, most=9)}, {"rules": Rules(least=0)}, "most: 9 → any"),
        ({}, {"rules": Rules(least=0)}, "least: any → 0"),
        ({}, {"rules": Rules(unique=True)}, "all different: no → yes"),
        ({"description": "x"}, {}, "description taken away"),
        ({"description": "x"}, {"description": "y"}, "another description"),
        ({}, {"default": "a"}, "default none → a"),
    ],
)
def test_what_is_said_of_a_field_breaks_nobody(before, after, text):
    [change] = changes(record(Field("a", Text(), **before)), record(Field("a", Text(), **after)))
    assert (change.symbol, change.text, change.breaks) == ("~", text, "")
