"""Which transactions of a run are evaluated together."""

from __future__ import annotations

from random import Random

import pytest

from streammesh.engine.rounds import rounds


def keys(*each: str) -> list[tuple[int, tuple[str]]]:
    """Give the hits of transactions, each written as letters of keys."""
    return [(tx, (key,)) for tx, letters in enumerate(each) for key in letters]


def test_transactions_without_a_shared_key_are_one_round() -> None:
    assert rounds(3, [keys("a", "bc", "d")], []) == [0, 0, 0]


def test_a_shared_key_costs_one_round_for_that_key_alone() -> None:
    assert rounds(5, [keys("a", "a", "b", "c", "a")], []) == [0, 1, 0, 0, 2]


def test_a_transaction_follows_all_that_share_a_key_with_it() -> None:
    assert rounds(4, [keys("a", "ab", "b", "c")], []) == [0, 1, 2, 0]


def test_keys_of_two_products_are_different_keys() -> None:
    assert rounds(2, [keys("a", ""), keys("", "a")], []) == [0, 0]
    assert rounds(2, [keys("a", "a"), keys("b", "")], []) == [0, 1]


def test_transactions_that_write_one_row_never_change_places() -> None:
    hits = keys("a", "a", "b")
    assert rounds(3, [hits], [keys("", "r", "r")]) == [0, 1, 1]


@pytest.mark.parametrize("seed", range(30))
def test_at_random(seed: int) -> None:
    dice = Random(seed)
    count = dice.randint(2, 40)
    touched = [set(dice.choices("abcdefgh", k=dice.randint(0, 3))) for _ in range(count)]
    written = [set(dice.choices("rstuvwxyz", k=dice.randint(0, 2))) for _ in range(count)]
    found = rounds(count, [keys(*map("".join, touched))], [keys(*map("".join, written))])
    for later in range(count):
        before = range(later)
        least = [found[one] + 1 for one in before if touched[one] & touched[later]]
        if any(a & b for i, a in enumerate(touched) for b in touched[:i]):
            least += [found[one] for one in before if written[one] & written[later]]
        assert found[later] == max(least, default=0)
