"""`mesh quarantine` over a cluster in memory, whose engine answers when it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streammesh.cli import quarantine
from streammesh.cli.main import run
from streammesh.deployments.requests import Request
from streammesh.documents.names import Names
from streammesh.errors import ExitCode
from streammesh.platform.memory.stores import MemoryDeploymentStore
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import ORDERS, SOURCE
from tests.unit.engine.test_quarantine import started, status


class Answered(MemoryDeploymentStore):
    """Requests are taken by the bench's engine at once."""

    bench: Bench
    alive = True

    def ask(self, request: Request) -> None:
        super().ask(request)
        if self.alive:
            self.bench.requests = (*self.bench.requests, request)
            self.bench.run()
            self.bench.run()


Mesh = Callable[..., tuple[int, str, str]]


def over(bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: Any, *, alive: bool = True) -> Mesh:
    store = Answered()
    store.bench, store.alive = bench, alive
    store.write([SOURCE, *bench.products.values()])
    made = quarantine._Mesh(Names(), store, bench.streams, dict(store.read()))  # type: ignore[arg-type]
    monkeypatch.setattr(quarantine, "_mesh", lambda _: made)

    def mesh(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["quarantine", *arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return mesh


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = started(tmp_path, "quarantine")
    status(made, o1="unheard of", o2="nor this")
    made.run()
    return made


def test_list_counts_and_groups(bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    mesh = over(bench, monkeypatch, capsys)
    code, out, _ = mesh("list")
    assert code == 0
    [line] = [line for line in out.splitlines() if line.startswith(ORDERS)]
    assert line.split()[1:3] == ["2", "0"]
    assert "`status` is none of the valid" in line
    code, out, _ = mesh("list", "sales.orders", "--json")
    [found] = json.loads(out)
    assert (found["quarantined"], len(found["keys"])) == (2, 2)
    assert "document" not in found["keys"][0]


def test_show_is_the_record(bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    mesh = over(bench, monkeypatch, capsys)
    code, out, _ = mesh("show", "sales.orders", "order_id=2")
    assert (code, json.loads(out)["document"]["status"]) == (0, "nor this")
    code, _, err = mesh("show", "sales.orders", "3")
    assert code == ExitCode.USAGE
    assert "no key `3`" in err


def test_discard_wants_a_reason_and_keys(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    mesh = over(bench, monkeypatch, capsys)
    assert mesh("discard", "sales.orders", "1")[0] == ExitCode.USAGE
    assert mesh("discard", "sales.orders", "--reason", "x")[0] == ExitCode.USAGE
    assert mesh("discard", "sales.orders", "1", "--all", "--reason", "x")[0] == ExitCode.USAGE
    assert mesh("discard", "sales.orders", "1", "--reason", " ")[0] == ExitCode.USAGE
    assert mesh("discard", "sales.orders", "1", "--reason", "a test")[2] == "1 discarded\n"
    assert "a test" in mesh("list", "sales.orders")[1]
    assert mesh("discard", "sales.orders", "--all", "--reason", "x")[2] == "1 discarded\n"


def test_replay_says_what_became_of_them(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    mesh = over(bench, monkeypatch, capsys)
    said = "2 evaluated: 0 published, 2 still in quarantine\n"
    assert mesh("replay", "sales.orders")[2] == said


def test_without_an_engine_the_request_stands(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    mesh = over(bench, monkeypatch, capsys, alive=False)
    code, _, err = mesh("replay", "sales.orders", "--timeout", "0")
    assert code == ExitCode.REMOTE_FAILED
    assert "No engine of it seems to run" in err


def test_unknown_product_names_those_that_there_are(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    mesh = over(bench, monkeypatch, capsys)
    code, _, err = mesh("list", "sales.nothing")
    assert code == ExitCode.USAGE
    assert ORDERS in err


def test_blocked_product_is_told_and_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    bench = started(tmp_path, "block")
    mesh = over(bench, monkeypatch, capsys)
    status(bench, o1="unheard of")
    bench.run()
    assert "is blocked from" in mesh("list")[1]
    code, _, err = mesh("replay", "sales.orders")
    assert (code, "blocked again" in err) == (ExitCode.CHECK_SAID_NO, True)
    code, _, err = mesh("replay", "sales.orders", "1")
    assert (code, "without naming keys" in err) == (ExitCode.CHECK_SAID_NO, True)
    status(bench, o1="paid")
    bench.run()
    code, _, err = mesh("replay", "sales.orders")
    assert (code, "is released: 1 commit had" in err) == (0, True)
    assert "is blocked" not in mesh("list")[1]
