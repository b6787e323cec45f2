"""`mesh run` before anything is deployed, and what it tells of documents in quarantine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from streammesh.cli import consume, run
from streammesh.documents.names import Names
from streammesh.engine.counters import Counters
from streammesh.errors.commands import NotDeployedHere
from streammesh.errors.local import UnknownPrincipal


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
