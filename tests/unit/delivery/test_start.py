from datetime import UTC, datetime

import pytest

from streammesh.delivery.start import parse_start
from streammesh.errors.consume import BadStart

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["beginning", "end"])
def test_words_stay_words(text: str) -> None:
    assert parse_start(text, NOW) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15m", datetime(2026, 1, 31, 11, 45, tzinfo=UTC)),
        ("2h", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("30d", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_times_and_ages(text: str, expected: datetime) -> None:
    assert parse_start(text, NOW) == expected


def test_a_time_without_zone_is_local() -> None:
    start = parse_start("2026-01-31", NOW)
    assert isinstance(start, datetime)
    assert start.astimezone().replace(tzinfo=None) == datetime(2026, 1, 31)


@pytest.mark.parametrize(
    "text", ["", "now", "15", "15x", "-5m", "999999d", "2026-02-30", "tomorrow"]
)
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(BadStart):
        parse_start(text, NOW)
