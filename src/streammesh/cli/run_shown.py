"""What `mesh run` shows of its engine: lines, metrics, traces, and a file for `mesh status`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from streammesh.engine.activity import Activity
from streammesh.observability import live
from streammesh.observability.addresses import Address, address
from streammesh.observability.figures import Looker, SourceFigures
from streammesh.observability.telling import Form, Teller

Command = TypeVar("Command", bound=Callable[..., Any])

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def metrics_option(command: Command) -> Command:
    """Give a command `--metrics [HOST:]PORT`, its parameter `metrics`."""
    return click.option(
        "--metrics",
        metavar="[HOST:]PORT",
        help="Serve Prometheus metrics there; with several sources, each at the next port "
        "[default: MESH_METRICS, else not].",
    )(command)


def metrics_address(text: str | None, environ: Mapping[str, str]) -> Address | None:
    """Say where metrics are to be served; None for nowhere.

    Raises:
        MetricsAddressWrong: what is said is no address.
    """
    said = text if text is not None else environ.get("MESH_METRICS")
    return address(said) if said else None


def metrics_options(text: str | None, count: int) -> Sequence[Sequence[str]]:
    """Give each of several engines a port of its own, from the one that was said upwards.

    Raises:
        MetricsAddressWrong: what was said is no address, or there are not so many ports.
    """
    where = metrics_address(text, os.environ)
    if where is None:
        return [()] * count
    return [("--metrics", str(where.next(number))) for number in range(count)]


def wants_traces(environ: Mapping[str, str]) -> bool:
    """Tell whether traces were asked for: MESH_TRACES, else the standard's own variables."""
    own = environ.get("MESH_TRACES", "").lower()
    if own:
        return own not in {"0", "false", "no", "off"}
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    asked = any(environ.get(name) for name in ENDPOINTS)
    return asked and environ.get("OTEL_TRACES_EXPORTER", "otlp") != "none"


class Shown:
    """Everything that one engine shows; prepared before the engine, so that errors come first."""

    def __init__(self, source: str, state: Path, *, as_json: bool, metrics: str | None) -> None:
        """Check what was asked for.

        Args:
            source: `domain.source`.
            state: the state's file.
            as_json: print JSON lines.
            metrics: what `--metrics` says.

        Raises:
            MetricsAddressWrong: it is no address.
        """
        self._source, self._state = source, state
        self._form: Form = "json" if as_json else "text" if sys.stderr.isatty() else "logfmt"
        self._metrics = metrics_address(metrics, os.environ)
        self._teller: Teller | None = None
        self._url = ""

    def say(self, what: str) -> None:
        """Say a sentence of the engine."""
        if self._teller is not None:
            self._teller.say(self._source, what)

    @contextmanager
    def of(self, activity: Activity) -> Iterator[None]:
        """Show what an engine does as long as the block runs.

        Raises:
            MetricsAddressTaken: nothing can be served there.
            TracesSettingWrong: a variable says what can't be.
            MetricsExtraMissing, TracesExtraMissing: the library isn't installed.
        """
        looker = Looker(self._source, activity, self._state)
        self._teller = Teller(looker, self._form, self._keep)
        with ExitStack() as stack:
            self._trace(activity, stack)
            self._serve(activity, stack)
            stack.callback(live.forget, live.place(self._state))
            self._teller.start()
            stack.callback(self._teller.stop)
            yield

    def _keep(self, figures: SourceFigures) -> None:
        live.keep(live.place(self._state), self._url, figures)

    def _serve(self, activity: Activity, stack: ExitStack) -> None:
        if self._metrics is None:
            return
        # only who wants metrics pays for the library, and needs it
        from streammesh.observability.metrics import registry  # noqa: PLC0415
        from streammesh.observability.metrics_server import MetricsServer  # noqa: PLC0415

        server = MetricsServer(self._metrics, registry(self._source, activity, self._state))
        server.start()
        stack.callback(server.stop)
        self._url = server.address.url
        self.say(f"metrics at {self._url}")

    def _trace(self, activity: Activity, stack: ExitStack) -> None:
        if not wants_traces(os.environ):
            return
        from streammesh.observability.traces import traces  # noqa: PLC0415

        tracing = traces(self._source, os.environ, self.say)
        activity.published = tracing.published
        stack.callback(tracing.stop)
