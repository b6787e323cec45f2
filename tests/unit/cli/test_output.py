import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from streammesh.cli import colours, output
from streammesh.errors.commands import NobodyToAsk


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.031, "31 ms"),
        (1, "1 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3_599, "59 min"),
        (3_600, "1 hour"),
        (7_300, "2 hours"),
        (86_400, "1 day"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert output.duration(seconds) == expected


def test_ages() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert output.ago(now - timedelta(minutes=3), now) == "3 min ago"
    assert output.ago(now, now) == "just now"
    assert output.ago(now + timedelta(seconds=5), now) == "just now"


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (43_000_000, "43 MB"), (2 * 10**12, "2.0 TB")],
)
def test_sizes(count: int, expected: str) -> None:
    assert output.size(count) == expected


def test_tables_have_separators_and_stay_within_the_width() -> None:
    table = output.table(["topic", "events"], [("x" * 200, 211_100), (None, 7)], right=[1])
    text = io.StringIO()
    Console(file=text, width=output.WIDTH).print(table)
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= output.WIDTH
    assert "211,100" in text.getvalue()
    assert "None" not in text.getvalue()


def test_what_people_write_is_no_markup() -> None:
    text, said = io.StringIO(), "see [/docs], [red] or lines[].amount"
    Console(file=text, width=output.WIDTH).print(output.table(["why"], [[said]]))
    assert said in text.getvalue()


def test_colour_is_for_terminals_and_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert colours.wants_colour(Terminal())
    assert not colours.wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colours.wants_colour(Terminal())


def test_nobody_is_asked_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert output.confirm("Delete?", yes=True)
    with pytest.raises(NobodyToAsk):
        output.confirm("Delete?", yes=False)
