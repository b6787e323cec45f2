import pytest

from streammesh.demo.rates import Rate, quantile


def test_a_rate_needs_two_looks() -> None:
    assert Rate().at(10.0, 500) == 0.0


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    for second in range(20):
        rate.at(float(second), 1000 * second)
    assert rate.at(20.0, 19_000 + 1000) == pytest.approx(1000)
    for second in range(21, 40):
        stalled = rate.at(float(second), 20_000)
    assert stalled == 0.0


@pytest.mark.parametrize(("part", "value"), [(0.5, 51.0), (0.99, 100.0), (0.0, 1.0)])
def test_quantiles(part: float, value: float) -> None:
    assert quantile([float(n) for n in range(100, 0, -1)], part) == value


def test_nothing_has_no_quantile() -> None:
    assert quantile([], 0.5) is None
