"""Traces arrive at a collector: a real one in little, which speaks OTLP over HTTP."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http")

from bench.collector import Collector, collecting
from streammesh.deployments.progress import Lsn
from streammesh.engine.activity import STEPS
from streammesh.engine.log import Envelope, Message, Origin, Transaction
from streammesh.errors.observability import TracesSettingWrong
from streammesh.observability.traces import ratio, traces

SECOND = 1_000_000_000
COMMITTED = 1_800_000_000
SAID = dict(zip(STEPS, range(COMMITTED * SECOND + 10, COMMITTED * SECOND + 70, 10), strict=True))


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as made:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", made.url)
        yield made


def transaction(number: int, *events: Envelope) -> Transaction:
    row = Envelope(op="c", source=Origin("public", "orders"))
    return Transaction(str(number), Lsn(number), COMMITTED * 1000, events or (row, row), number + 1)


def sent(collector: Collector, environ: dict[str, str], *runs: list[Transaction]) -> list[Any]:
    tracing = traces("sales.shop", environ, lambda _: None)
    for run in runs:
        tracing.published(run, SAID)
    tracing.stop()
    return collector.spans


def test_one_trace_from_commit_to_publish(collector: Collector) -> None:
    spans = sent(collector, {"OTEL_TRACES_SAMPLER": "always_on"}, [transaction(7)])
    root = next(span for span in spans if not span.parent_span_id)
    steps = [span for span in spans if span.parent_span_id == root.span_id]
    assert root.name == "transaction"
    assert [span.name for span in steps] == list(STEPS)
    assert {span.trace_id for span in spans} == {root.trace_id}
    assert root.start_time_unix_nano == COMMITTED * SECOND
    ends = [COMMITTED * SECOND, *(span.end_time_unix_nano for span in steps)]
    assert [span.start_time_unix_nano for span in steps] == ends[:-1]
    assert root.end_time_unix_nano == ends[-1] == SAID["commit state"]
    attributes = {one.key: one.value for one in root.attributes}
    assert attributes["mesh.transaction"].string_value == "7"
    assert attributes["mesh.position"].string_value == "0/7"
    assert attributes["mesh.changes"].int_value == 2
    assert collector.resources[0]["mesh.source"] == "sales.shop"
    assert collector.resources[0]["service.name"] == "streammesh-engine"


def test_a_clock_that_is_ahead_makes_no_negative_span(collector: Collector) -> None:
    early = {name: at - SECOND for name, at in SAID.items()}
    tracing = traces("sales.shop", {"OTEL_TRACES_SAMPLER": "always_on"}, lambda _: None)
    tracing.published([transaction(7)], early)
    tracing.stop()
    assert all(s.start_time_unix_nano <= s.end_time_unix_nano for s in collector.spans)


@pytest.mark.parametrize(
    ("part", "low", "high"), [("0.1", 250, 550), ("1", 4000, 4000), ("0", 0, 0)]
)
def test_so_many_are_sampled(collector: Collector, part: str, low: int, high: int) -> None:
    environ = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": part}
    tracing = traces("sales.shop", environ, lambda _: None)
    traced: list[Any] = []
    tracing._trace = lambda *found: traced.append(found)  # type: ignore[method-assign]
    for start in range(0, 4000, 8):
        tracing.published([transaction(start + i) for i in range(8)], SAID)
    tracing.stop()
    assert low <= len(traced) <= high


def test_a_heartbeat_is_no_transaction(collector: Collector) -> None:
    beat = Envelope(op="m", message=Message("streammesh.heartbeat.x", b"1 1".hex()))
    run = [transaction(1, beat), transaction(2)]
    spans = sent(collector, {"OTEL_TRACES_SAMPLER": "always_on"}, run)
    assert len(spans) == 1 + len(STEPS)


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_TRACES_SAMPLER": "sometimes"},
        {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"},
        {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "nan"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "user:secret@collector"},
        {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
    ids=msgspec.json.encode,
)
def test_a_setting_that_is_wrong_is_told(environ: dict[str, str]) -> None:
    with pytest.raises(TracesSettingWrong) as caught:
        traces("sales.shop", environ, lambda _: None)
    assert "secret" not in caught.value.what
    assert caught.value.fix


def test_one_of_a_hundred_unless_told() -> None:
    assert ratio({}) == 0.01


def test_a_collector_that_is_down_is_told_once_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:secret@127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    said: list[str] = []
    tracing = traces("sales.shop", {"OTEL_TRACES_SAMPLER": "always_on"}, said.append)
    tracing.published([transaction(1), transaction(2)], SAID)
    tracing.stop()
    assert len(said) == 1
    assert "secret" not in said[0]
    assert capfd.readouterr().err == ""
