"""The commands as README has them, on a stack of their own, from nothing to nothing."""

from __future__ import annotations

import json
import signal
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from streammesh.local.stack import Stack
from streammesh.platform.consumer import TopicReader
from streammesh.platform.settings import KafkaSettings
from tests.acceptance.newcomer import (
    ORDERS,
    PASSWORD,
    Terminal,
    make_database,
    new_terminal,
    wait_until,
)

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]

PRIVATE = ("_cdc.sales.shop", "_mesh.progress.sales.shop", "_mesh.deployments", "_mesh.resources")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Give what every command said; the stack and the engine still run."""
    terminal = new_terminal(tmp_path_factory.mktemp("newcomer"))
    told = SimpleNamespace(terminal=terminal)
    try:
        tell(told, terminal)
        yield told
    finally:
        if engine := getattr(told, "engine", None):
            engine.kill()
        told.down = terminal.mesh("down")
        told.status_after_down = terminal.mesh("status")


def tell(told: SimpleNamespace, terminal: Terminal) -> None:
    mesh = terminal.mesh
    told.validate = mesh("validate")
    told.too_early = mesh("plan")
    told.up = mesh("up", seconds=600)
    assert told.up.status == 0, told.up.err
    told.status = mesh("status", "--json")
    server = Stack(terminal.workspace).info().postgres_url("postgres")
    told.plan_without_address = mesh("plan")
    told.url = make_database(server, terminal.workspace)
    terminal.variables["SHOP_DATABASE_URL"] = told.url
    told.plan = mesh("plan")
    told.plan_code = mesh("plan", "--detailed-exitcode", "--json")
    told.unasked = mesh("apply")
    told.apply = mesh("apply", "--yes")
    assert told.apply.status == 0, told.apply.err
    told.plan_again = mesh("plan", "--detailed-exitcode")
    told.engine = terminal.start("run")
    wait_until(lambda: len(mesh("consume", "sales.orders").lines) == ORDERS, 180)
    told.consumed = mesh("consume", "sales.orders")
    told.preview = mesh("preview", "sales.orders", "-n", str(ORDERS))


def by_key(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {json.dumps(event["key"], sort_keys=True): event["value"] for event in events}


def test_files_are_checked_without_a_stack(story: SimpleNamespace) -> None:
    assert story.validate.status == 0


def test_a_plan_without_a_stack_says_what_to_do(story: SimpleNamespace) -> None:
    assert story.too_early.status != 0
    assert story.too_early.out == ""
    assert "mesh up" in story.too_early.err


def test_all_components_are_healthy(story: SimpleNamespace) -> None:
    assert story.status.status == 0
    text = json.dumps(story.status.json)
    for name in ("postgres", "kafka", "registry", "connect"):
        assert name in text


def test_a_missing_address_is_named_with_its_place(story: SimpleNamespace) -> None:
    assert story.plan_without_address.status != 0
    assert "SHOP_DATABASE_URL" in story.plan_without_address.out
    assert "shop.source.yaml:4" in story.plan_without_address.out


def test_the_plan_names_both_products_and_changes_nothing(story: SimpleNamespace) -> None:
    assert story.plan.status == 0
    assert "sales.orders" in story.plan.out
    assert "sales.customers" in story.plan.out
    assert max(map(len, story.plan.out.splitlines())) <= 100
    assert story.plan_code.status == 10
    assert story.plan_code.json


def test_nothing_is_applied_where_nobody_can_say_yes(story: SimpleNamespace) -> None:
    assert story.unasked.status == 2
    assert "--yes" in story.unasked.err


def test_after_apply_there_is_nothing_to_do(story: SimpleNamespace) -> None:
    assert story.plan_again.status == 0, story.plan_again.out


def test_the_product_says_what_the_database_says(story: SimpleNamespace) -> None:
    consumed = by_key(story.consumed.lines)
    assert len(consumed) == ORDERS
    assert consumed == by_key(story.preview.lines)


def test_a_commit_arrives_with_its_transaction(story: SimpleNamespace) -> None:
    now = datetime.now(UTC).isoformat()
    following = story.terminal.start("consume", "sales.orders", "--from", now, "--follow")
    with psycopg.connect(story.url) as connection:
        connection.execute("UPDATE orders SET status = 'sent' WHERE id = 4")
        connection.execute("UPDATE order_lines SET qty = qty + 1 WHERE order_id = 4")
    assert following.stdout is not None
    event = json.loads(following.stdout.readline())
    following.send_signal(signal.SIGINT)
    assert following.wait(30) == 130
    assert event["key"] == {"order_id": 4}
    assert event["value"]["status"] == "sent"
    assert event["headers"]["mesh.tx_events"] == "1"
    assert {"mesh.tx", "mesh.position", "mesh.time", "mesh.deployment"} <= event["headers"].keys()


def test_a_deleted_order_ends_with_null(story: SimpleNamespace) -> None:
    with psycopg.connect(story.url) as connection:
        connection.execute("DELETE FROM order_lines WHERE order_id = 7")
        connection.execute("DELETE FROM orders WHERE id = 7")
    key = json.dumps({"order_id": 7})
    mesh = story.terminal.mesh
    wait_until(lambda: by_key(mesh("consume", "sales.orders").lines)[key] is None)


def test_a_reader_sees_products_and_nothing_private(story: SimpleNamespace) -> None:
    login = story.terminal.mesh("env", "--for", "mesh.sales.reader", "--json").json
    settings = KafkaSettings(
        login["bootstrap_servers"],
        login["security_protocol"],
        login["sasl_mechanism"],
        login["username"],
        login["password"],
    )
    with TopicReader(settings, "mesh.sales.reader.look") as reader:
        assert reader.topics() == {"sales.orders.v1", "sales.customers.v1", "mesh.notices.v1"}
    for topic in PRIVATE:
        assert topic not in story.terminal.mesh("consume", topic).out


def test_a_product_grows_by_a_field(story: SimpleNamespace) -> None:
    """As README has it: edit model, contract and version; validate, plan, apply."""
    mesh, folder = story.terminal.mesh, story.terminal.workspace / "domains/sales/products/orders"
    change(folder / "orders.v1.sql", "{name: c.name,", "{name: c.name, email: c.email,")
    name = "          - { name: name, logicalType: string, required: true, "
    said = "description: Where they are written to., classification: confidential"
    change(
        folder / "orders.v1.odcs.yaml",
        name,
        f"          - {{ name: email, logicalType: string, {said} }}\n{name}",
    )
    change(folder / "orders.v1.odcs.yaml", "version: 1.0.0", "version: 1.1.0")
    change(folder / "dataproduct.odps.yaml", "version: 1.0.0", "version: 1.1.0")
    before = by_key(mesh("consume", "sales.orders").lines)
    assert mesh("validate").status == 0
    plan = mesh("plan", "--detailed-exitcode")
    assert plan.status == 10
    assert "customer.email" in plan.out
    assert "compatible" in plan.out
    apply = mesh("apply", "--yes")
    assert apply.status == 0, apply.err

    def grown() -> bool:
        now = by_key(mesh("consume", "sales.orders").lines)
        assert now.keys() == before.keys()
        return all(value is None or value["customer"]["email"] for value in now.values())

    wait_until(grown, 120)
    assert mesh("plan", "--detailed-exitcode").status == 0


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_wrong_names_are_met_with_words(story: SimpleNamespace) -> None:
    done = story.terminal.mesh("consume", "sales.ordres")
    assert (done.status, done.out) == (4, "")
    assert "sales.ordres" in done.err
    done = story.terminal.mesh("preview", "sales.ordres")
    assert done.status != 0
    assert "sales.orders" in done.err


def test_no_password_is_printed_or_logged(story: SimpleNamespace) -> None:
    said = [one for one in vars(story).values() if hasattr(one, "err")]
    assert len(said) > 10
    assert [one for one in said if PASSWORD in one.out + one.err] == []
    home = Path(story.terminal.workspace) / ".mesh"
    for path in sorted(home.rglob("*")):
        outside = path.is_file() and path.relative_to(home).parts[0] != "data"
        if outside and PASSWORD.encode() in path.read_bytes():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_engine_stops_cleanly_and_tells_what_it_did(story: SimpleNamespace) -> None:
    story.engine.terminate()
    out, err = story.engine.communicate(timeout=60)
    assert story.engine.returncode == 0, err
    assert out == ""
    assert "sales.shop" in err
    assert "Traceback" not in err


def test_down_stops_it_all(story: SimpleNamespace) -> None:
    down = story.terminal.mesh("down")
    assert down.status == 0, down.err
    assert story.terminal.mesh("status").status == 3
    assert story.terminal.mesh("consume", "sales.orders").status != 0
