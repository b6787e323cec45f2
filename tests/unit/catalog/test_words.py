from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streammesh.catalog.texts import canonical, clean
from streammesh.catalog.words import likeness, trigrams, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sales.order-lines", ["sales", "order", "lines"]),
        ("lines[].unitPrice", ["lines", "unit", "price"]),
        ("vat_number", ["vat", "number"]),
        ("Größe, Straße", ["grosse", "strasse"]),
        ("Café a 1 v2", ["cafe", "v2"]),
        ("注文", ["注文"]),
        ("100% ' \" \\ ;--", ["100"]),
    ],
)
def test_words(text, found):
    assert list(words(text)) == found


def test_a_word_is_no_longer_than_it_may_be():
    assert [len(one) for one in words("x" * 10_000)] == [64]


def test_likeness_puts_the_same_before_what_begins_alike_before_the_mistyped():
    order = [likeness("order", one) for one in ("order", "orders", "ordering", "odrer", "parcel")]
    assert order == sorted(order, reverse=True)
    assert order[0] == 100
    assert order[-1] == 0


@given(st.text())
def test_every_text_has_words_that_are_found_by_themselves(text):
    for word in words(text):
        assert trigrams(word)
        assert likeness(word, word) == 100


@given(st.text(st.characters(codec=None)))
def test_every_text_can_be_stored_and_is_cleaned_once(text):
    cleaned = clean(text)
    assert "\0" not in cleaned
    cleaned.encode()
    assert clean(cleaned) == cleaned
    canonical({text: text}).encode()


def test_texts_that_can_be_stored_stay_as_they_are():
    assert clean("größe 注文 🛒 \n '%_") == "größe 注文 🛒 \n '%_"
    assert clean(None) == ""
    assert canonical({"b": 1, "a": "ö"}) == '{"a":"ö","b":1}'
