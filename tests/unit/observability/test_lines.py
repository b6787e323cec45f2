"""What an engine says: aligned for people, by names for programs, and not all the time."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.observability import lines
from streammesh.observability.figures import Looker, SourceFigures, phase
from streammesh.observability.telling import QUIET_SECONDS, Teller
from tests.unit.observability.engines import NOW, TOPIC, busy, work


class Clock:
    now = NOW - 5

    def __call__(self) -> float:
        return self.now


def looker(tmp_path: Path) -> tuple[Looker, Clock]:
    (tmp_path / "shop.sqlite").write_bytes(b"x" * 3_000)
    (tmp_path / "shop.sqlite-wal").write_bytes(b"x" * 1_000)
    clock = Clock()
    return Looker("sales.shop", busy(), tmp_path / "shop.sqlite", clock), clock


def look(tmp_path: Path) -> SourceFigures:
    made, clock = looker(tmp_path)
    clock.now = NOW
    return made.look()


def test_lines_for_people(tmp_path: Path) -> None:
    figures = look(tmp_path)
    source, product = [line[9:] for line in lines.text(figures, figures.products)]
    assert source == (
        "sales.shop                    10 changes/s  lag 3 (2,000 ms)  state 4 kB  at 0/4A3F2C8"
    )
    assert product == (
        "  sales.orders.v1              20 events/s  delay p50  35 ms, p99  40 ms  1 to quarantine"
    )
    assert lines.totals(figures)[0].endswith(
        "sales.orders.v1: in 103 = out 100 + unchanged 1 + filtered 1 + quarantined 1 + skipped 0"
    )


def test_lines_are_never_wider_than_a_hundred(tmp_path: Path) -> None:
    figures = replace(look(tmp_path), doing="publishing " + "x" * 200)
    assert max(map(len, lines.text(figures, figures.products))) <= 100


def test_the_same_as_logfmt_and_json(tmp_path: Path) -> None:
    figures = replace(look(tmp_path), doing='reading a "b"')
    source, product = lines.fields(figures, figures.products)
    assert lines.logfmt(source).startswith(
        'time=2027-01-15T08:00:00.000Z source=sales.shop doing="reading a \\"b\\"" '
        "changes_per_second=10.0 lag_records=3 lag_seconds=2.0 state_bytes=4000"
    )
    assert "trouble" not in lines.logfmt(source)
    assert json.loads(lines.as_json(product)) | {"time": 0} == {
        "time": 0,
        "source": "sales.shop",
        "product": TOPIC,
        "status": "live",
        "events_per_second": 20.0,
        "delay_p50_ms": 35,
        "delay_p99_ms": 40,
        "documents": 103,
        "events": 100,
        "unchanged": 1,
        "filtered": 1,
        "quarantined": 1,
        "skipped": 0,
        "warned": 0,
    }


def test_rates_and_delays_are_those_since_the_look_before(tmp_path: Path) -> None:
    made, clock = looker(tmp_path)
    clock.now = NOW
    made.look()
    clock.now = NOW + 5
    figures = made.look()
    assert figures.changes_per_second == 0
    assert figures.products[0].events_per_second == 0
    assert figures.products[0].delay_p50 is None
    assert figures.products[0].events == 100


def test_an_idle_engine_speaks_once_a_minute(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, clock = looker(tmp_path)
    teller = Teller(made, "logfmt")
    clock.now = NOW
    teller.look()
    assert capsys.readouterr().err.count("\n") == 3  # source, product, what went to quarantine
    for _ in range(int(QUIET_SECONDS / 5) - 1):
        clock.now += 5
        made._activity.counters.transactions += 2  # heartbeats
        teller.look()
    assert capsys.readouterr().err == ""
    clock.now += 5
    teller.look()
    (line,) = capsys.readouterr().err.splitlines()
    assert "source=sales.shop" in line
    work(made._activity, 1)
    clock.now += 5
    teller.look()
    assert f"product={TOPIC}" in capsys.readouterr().err


def test_trouble_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, clock = looker(tmp_path)
    teller = Teller(made, "text")
    teller.look()
    capsys.readouterr()
    teller.say("sales.shop", "Kafka is away")
    for trouble in ("Kafka is away", "capture is stuck", "capture is stuck"):
        made._activity.trouble = trouble
        clock.now += 5
        teller.look()
    said = capsys.readouterr().err
    assert (said.count("Kafka is away"), said.count("capture is stuck")) == (1, 1)


def test_json_lines_go_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, _ = looker(tmp_path)
    teller = Teller(made, "json")
    teller.look()
    teller.say("sales.shop", "Kafka is away; trying again in 0.2 s")
    shown = capsys.readouterr()
    assert shown.err == ""
    *_, last = [json.loads(line) for line in shown.out.splitlines()]
    assert last["message"] == "Kafka is away; trying again in 0.2 s"


@pytest.mark.parametrize(
    ("doing", "word"),
    [
        ("following", "following"),
        ("publishing sales.orders.v1: part 3 of 9", "publishing"),
        ("waiting for a snapshot of all tables", "waiting"),
        ("taking in a snapshot", "snapshot"),
        ("the state is behind: replay without publishing", "recovering"),
    ],
)
def test_what_an_engine_does_in_one_word(doing: str, word: str) -> None:
    assert phase(doing) == word
