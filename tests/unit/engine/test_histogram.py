"""Durations in buckets."""

import random

import pytest

from streammesh.engine.histogram import DELAY_SECONDS, Histogram


def test_values_lie_in_their_buckets_with_the_bound_in_the_lower_one() -> None:
    found = Histogram((1.0, 2.0))
    found.add([2.5, 1.0, 0.0, 2.0, 1.5])
    assert found.counts == [2, 2, 1]
    assert (found.count, found.total) == (5, 7.0)


@pytest.mark.parametrize("q", [0.5, 0.99])
def test_a_quantile_lies_in_the_bucket_of_the_true_one(q: float) -> None:
    dice = random.Random(4)
    values = [dice.lognormvariate(-3, 0.7) for _ in range(2_000)]
    found = Histogram(DELAY_SECONDS)
    for start in range(0, 2_000, 100):
        found.add(values[start : start + 100])
    true = sorted(values)[int(q * 2_000)]
    low = max((b for b in DELAY_SECONDS if b < true), default=0.0)
    high = min(b for b in DELAY_SECONDS if b >= true)
    estimate = found.quantile(q)
    assert estimate is not None
    assert low <= estimate <= high


def test_only_what_came_since_a_copy() -> None:
    found = Histogram((1.0,))
    found.add([0.5])
    before = found.copy()
    assert found.since(before).quantile(0.5) is None
    found.add([3.0, 3.0])
    assert found.since(before).counts == [0, 2]
    assert found.since(before).quantile(0.5) == 1.0
