import pytest

from streammesh.documents.durations import milliseconds
from streammesh.errors.documents import BadDuration


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7d", 604_800_000), ("12h", 43_200_000), ("30m", 1_800_000), ("45s", 45_000)],
)
def test_durations(text: str, expected: int) -> None:
    assert milliseconds(text) == expected


@pytest.mark.parametrize("text", ["7", "d", "0d", "-1d", "1w", "1.5h", "7 days", ""])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(BadDuration):
        milliseconds(text)
