"""`mesh quarantine` on the real stack: what breaks its contract, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streammesh.cli.main import run
from streammesh.errors import ExitCode
from tests.integration.engine.world import World


@pytest.fixture
def mesh(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command of `mesh quarantine`; give its exit status and its JSON."""
    monkeypatch.chdir(world.shop.stack.layout.home.parent)

    # the contract is stricter than the table then
    world.shop.run("ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_status_check")

    def command(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        status = run(["quarantine", *arguments, "--json"])
        shown = capsys.readouterr()
        text = shown.out or shown.err
        return status, json.loads(text) if text.strip() else None

    return command


def orders(world: World) -> str:
    return f"{world.shop.domain}.orders"


def listed(world: World, mesh: Any) -> dict[str, Any]:
    status, (found,) = mesh("list", orders(world))
    assert status == 0
    return dict(found)


def commit(world: World, statement: str) -> None:
    with world.connect() as connection:
        connection.execute(statement)


def test_list_show_discard_replay(world: World, mesh: Any) -> None:
    world.start_engine()
    world.wait_live()
    commit(world, "UPDATE orders SET status = 'lost' WHERE id IN (3, 4)")
    world.wait(lambda: listed(world, mesh)["quarantined"] == 2, 30)
    [(reason, count)] = listed(world, mesh)["reasons"].items()
    assert (count, "status" in reason) == (2, True)
    status, record = mesh("show", orders(world), "3")
    assert (status, record["document"]["status"]) == (0, "lost")
    assert mesh("show", orders(world), "5")[0] == ExitCode.USAGE
    assert mesh("discard", orders(world), "3")[0] == ExitCode.USAGE
    status, answer = mesh("discard", orders(world), "3", "--reason", "known to be lost")
    assert (status, answer["discarded"]) == (0, 1)
    found = listed(world, mesh)
    assert (found["quarantined"], found["discarded"]) == (1, 1)
    status, answer = mesh("replay", orders(world))
    assert (status, answer["evaluated"], answer["quarantined"]) == (0, 2, 2)
    proof = world.prove()[f"{orders(world)}.v1"]
    assert (proof.quarantined, proof.differences) == (2, ())
    commit(world, "UPDATE orders SET status = 'paid' WHERE id IN (3, 4)")
    world.wait(lambda: listed(world, mesh)["keys"] == [], 30)
    requests = [key for key in world.shop.platform.deployments.records() if "request/" in key]
    assert not [key for key in requests if orders(world) in key]
    world.stop_engines()


def test_no_engine_runs_and_the_next_one_does_it(world: World, mesh: Any) -> None:
    world.start_engine()
    world.wait_live()
    commit(world, "UPDATE orders SET status = 'lost' WHERE id = 5")
    world.wait(lambda: listed(world, mesh)["quarantined"] == 1, 30)
    world.stop_engines()
    status, error = mesh("discard", orders(world), "5", "--reason", "x", "--timeout", "1")
    assert status == ExitCode.REMOTE_FAILED
    assert "No engine" in error["errors"][0]["why"]
    world.start_engine()
    world.wait(lambda: listed(world, mesh)["discarded"] == 1, 60)
    commit(world, "UPDATE orders SET status = 'paid' WHERE id = 5")
    world.wait(lambda: listed(world, mesh)["keys"] == [], 30)
    world.stop_engines()


def test_block_and_release(world: World, mesh: Any) -> None:
    world.shop.edit("orders.v1.odcs.yaml", "on_violation: quarantine", "on_violation: block")
    world.shop.apply()
    world.start_engine()
    world.wait_live()
    commit(world, "UPDATE orders SET status = 'lost' WHERE id = 6")
    world.wait(lambda: listed(world, mesh)["status"] == "blocked", 30)
    commit(world, "UPDATE orders SET status = 'paid' WHERE id = 7")
    commit(world, "UPDATE customers SET email = 'new@x' WHERE id = 2")
    world.wait(lambda: listed(world, mesh)["blocked"]["skipped"] >= 2, 30)
    status, error = mesh("replay", orders(world))
    assert status == ExitCode.CHECK_SAID_NO
    assert "blocked again" in error["errors"][0]["what"]
    commit(world, "UPDATE orders SET status = 'sent' WHERE id = 6")
    world.wait(lambda: listed(world, mesh)["blocked"]["skipped"] >= 1, 30)
    status, answer = mesh("replay", orders(world))
    assert status == 0, answer
    assert answer["skipped"] >= 1
    # events of the deployment before this one are there too, which `prove` here doesn't know
    assert all(one.source_digest == one.product_digest for one in world.prove().values())
    world.stop_engines()
