"""`mesh run` before anything is deployed, and what it tells of documents in quarantine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from streammesh.cli import consume, run, run_shown
from streammesh.documents.names import Names
from streammesh.engine.counters import Counters
from streammesh.errors.commands import NotDeployedHere
from streammesh.errors.local import UnknownPrincipal
from streammesh.errors.observability import MetricsAddressWrong


def test_a_source_that_was_never_deployed_is_told_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secrets = SimpleNamespace(principals=lambda: ("admin",), password_for=str)
    info = SimpleNamespace(
        bootstrap_servers="127.0.0.1:1", security_protocol="PLAINTEXT", sasl_mechanism=""
    )
    stack = SimpleNamespace(info=lambda: info, secrets=secrets)
    monkeypatch.setattr("streammesh.local.stack.Stack", lambda _root: stack)
    with pytest.raises(NotDeployedHere, match=r"sales\.shop is not deployed") as caught:
        run._local_settings(tmp_path, "sales.shop", "mesh.sales.engine.shop")
    assert caught.value.fix == "mesh apply"


def test_events_of_a_domain_that_was_never_deployed_wait_for_an_apply(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object) -> None:
        raise UnknownPrincipal(principal="mesh.sales.reader")

    environment = SimpleNamespace(names=Names())
    monkeypatch.setattr(consume, "load_environment", lambda _name: environment)
    monkeypatch.setattr(consume, "workspace_root", Path)
    monkeypatch.setattr(consume, "reader_access", unknown)
    default = CliRunner().invoke(consume.command, ["sales.orders"])
    assert isinstance(default.exception, NotDeployedHere)
    assert default.exception.fix == "mesh apply"
    other = CliRunner().invoke(consume.command, ["sales.orders", "--as", "somebody"])
    assert isinstance(other.exception, UnknownPrincipal)


def test_what_went_to_quarantine_is_no_count() -> None:
    counters = Counters()
    product = counters.of("sales.orders.v1")
    product.quarantined, product.told = 2, "2 to _quarantine.x, the last: y: too long"
    assert "told" not in counters.as_dict()
    assert counters.as_dict()["quarantined"] == 2


@pytest.mark.parametrize("text", ["90000", "http://127.0.0.1:9464", "x:y"])
def test_an_address_for_metrics_that_is_none_is_told_first(text: str) -> None:
    done = CliRunner().invoke(run.command, ["shop", "--metrics", text])
    assert isinstance(done.exception, MetricsAddressWrong)
    assert text in done.exception.what


def test_each_of_several_engines_has_a_port_of_its_own() -> None:
    assert run_shown.metrics_options("9464", 2) == [
        ("--metrics", "127.0.0.1:9464"),
        ("--metrics", "127.0.0.1:9465"),
    ]
    with pytest.raises(MetricsAddressWrong):
        run_shown.metrics_options("65535", 2)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"MESH_TRACES": "1"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "MESH_TRACES": "0"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_sent_when_asked_for(environ: dict[str, str], wanted: bool) -> None:
    assert run_shown.wants_traces(environ) == wanted
