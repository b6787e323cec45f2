"""OpenTelemetry traces: a sampled transaction's way from the source's commit to consumers.

One trace for each sampled transaction. Its root begins when the source committed, its children are
the steps of the run that it was published with.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from streammesh import __version__
from streammesh.engine.activity import STEPS
from streammesh.engine.log import Transaction
from streammesh.errors.observability import TracesExtraMissing, TracesSettingWrong

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON
    from opentelemetry.trace import set_span_in_context
except ModuleNotFoundError as error:
    raise TracesExtraMissing(package=error.name) from error

DEFAULT_RATIO = 0.01
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
FLUSH_MS = 3_000
COMPLAINT_SECONDS = 60.0

Ratio = Callable[[Mapping[str, str]], float]


def _argument(environ: Mapping[str, str]) -> float:
    name = "OTEL_TRACES_SAMPLER_ARG"
    text = environ.get(name) or "1"
    try:
        ratio = float(text)
    except ValueError:
        ratio = math.nan
    if not 0 <= ratio <= 1:
        raise TracesSettingWrong(variable=name, value=text, fix="a number from 0 to 1")
    return ratio


SAMPLERS: dict[str, Ratio] = {
    "always_on": lambda _: 1.0,
    "always_off": lambda _: 0.0,
    "traceidratio": _argument,
}
"""The standard's samplers; no transaction has a parent, so `parentbased_…` is the same."""


def ratio(environ: Mapping[str, str]) -> float:
    """Say which part of all transactions is traced, 0 to 1: OTEL_TRACES_SAMPLER, else 1 of 100.

    Raises:
        TracesSettingWrong: it is no sampler that we know.
    """
    name = environ.get("OTEL_TRACES_SAMPLER")
    if not name:
        return DEFAULT_RATIO
    sampler = SAMPLERS.get(name.removeprefix("parentbased_"))
    if sampler is None:
        known = ", ".join((*SAMPLERS, "parentbased_traceidratio"))
        raise TracesSettingWrong(
            variable="OTEL_TRACES_SAMPLER", value=name, fix=f"one of {known}, …"
        )
    return sampler(environ)


class Traces:
    """Traces some of the transactions that an engine publishes."""

    def __init__(self, provider: TracerProvider, part: float) -> None:
        """Begin.

        Args:
            provider: takes every span that it is given.
            part: of all transactions, 0 to 1.
        """
        self._provider = provider
        self._tracer = provider.get_tracer("streammesh", __version__)
        self._part = part
        self._skip = self._gap() - 1

    def published(self, run: Sequence[Transaction], steps: Mapping[str, int]) -> None:
        """Trace those transactions of a run whose turn it is.

        Args:
            run: published together.
            steps: when each step ended, nanoseconds since 1970.
        """
        # how many are passed over is drawn, instead of a lot for each: the same, at no cost
        at = self._skip
        while at < len(run):
            one = run[at]
            if one.events and one.heartbeat is None:
                self._trace(one, len(run), steps)
            at += self._gap()
        self._skip = at - len(run)

    def _gap(self) -> int:
        if self._part >= 1:
            return 1
        if self._part <= 0:
            return 1 << 60
        return 1 + int(math.log(1 - random.random()) / math.log(1 - self._part))  # noqa: S311

    def _trace(self, one: Transaction, run: int, steps: Mapping[str, int]) -> None:
        spans = list(_spans(one.time_ms * 1_000_000, steps))
        root = self._tracer.start_span(
            "transaction",
            start_time=spans[0][1],
            attributes={
                "mesh.transaction": one.txid,
                "mesh.position": str(one.position),
                "mesh.changes": len(one.events),
                "mesh.run.transactions": run,
            },
        )
        context = set_span_in_context(root)
        for name, start, end in spans:
            self._tracer.start_span(name, context, start_time=start).end(end)
        root.end(spans[-1][2])

    def stop(self) -> None:
        """Send what is left, for a few seconds at most."""
        self._provider.force_flush(FLUSH_MS)
        self._provider.shutdown()


def _spans(committed: int, steps: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    """Give name, start and end of each step; the clocks of two machines may differ a little."""
    start = min(committed, steps.get(STEPS[0], committed))
    for name in STEPS:
        end = max(start, steps.get(name, start))
        yield name, start, end
        start = end


def traces(source: str, environ: Mapping[str, str], say: Callable[[str], None]) -> Traces:
    """Send traces as the standard's variables say (OTLP over HTTP).

    Args:
        source: `domain.source`.
        environ: the variables.
        say: told, now and then, when they can't be sent.

    Raises:
        TracesSettingWrong: a variable can't be used.
    """
    _check(environ)
    part = ratio(environ)
    named = {} if environ.get("OTEL_SERVICE_NAME") else {"service.name": "streammesh-engine"}
    resource = Resource.create({**named, "service.version": __version__, "mesh.source": source})
    # otherwise a collector that is down would fill stderr with tracebacks
    logger = logging.getLogger("opentelemetry")
    logger.handlers, logger.propagate = [_Complaints(say)], False
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Traces(provider, part)


def _check(environ: Mapping[str, str]) -> None:
    for variable in ENDPOINTS:
        if (text := environ.get(variable)) and urlsplit(text).scheme not in {"http", "https"}:
            raise TracesSettingWrong(
                variable=variable,
                value=urlsplit(text).scheme or "no URL",
                fix="a URL such as http://127.0.0.1:4318",
            )
    for variable in PROTOCOLS:
        if (text := environ.get(variable, "")) not in {"", "http/protobuf"}:
            raise TracesSettingWrong(
                variable=variable,
                value=text,
                fix="http/protobuf, and the collector's port for it, which is 4318 as a rule",
            )


class _Complaints(logging.Handler):
    """Says what the library complains of, once a minute and without a traceback."""

    def __init__(self, say: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._say = say
        self._next = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + COMPLAINT_SECONDS
            # not the text: it may hold the endpoint's address, and that a password
            self._say(f"traces can't be sent ({record.levelname.lower()}): is the collector up?")
