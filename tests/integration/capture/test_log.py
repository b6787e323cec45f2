"""What stands in the private log, and that nothing stands anywhere else."""

from __future__ import annotations

import json

from tests.integration.capture.captured import HEARTBEAT, Captured, kinds


def test_a_snapshot_stands_between_its_notifications(running: Captured) -> None:
    records = running.wait(lambda found: "COMPLETED" in kinds(found))
    assert kinds(records)[0] == "STARTED"
    first = kinds(records).index("COMPLETED")
    rows = [one for one in records[:first] if one.kind == "r"]
    assert sorted((one.table, one.key["id"]) for one in rows) == [
        ("customers", 1),
        ("customers", 2),
        ("orders", 1),
    ]
    assert "r" not in kinds(records[first:])


def test_a_transaction_stands_whole_and_in_order(running: Captured) -> None:
    records = running.captured(
        "INSERT INTO customers VALUES (10, 'Cid', 'hunter2')",
        "INSERT INTO orders VALUES (10, 10, 0.10)",
        "UPDATE orders SET total = 7 WHERE id = 10",
        "UPDATE customers SET id = 11 WHERE id = 10",
        "DELETE FROM orders WHERE id = 10",
        "TRUNCATE orders",
    )
    without = [one for one in records if one.kind != "heartbeat"]
    assert kinds(without) == ["BEGIN", "c", "c", "u", "d", "c", "d", "t", "END"]
    assert without[1].value["after"] == {"id": 10, "name": "Cid", "notes": None}
    assert without[2].value["after"] == {"id": 10, "customer_id": 10, "total": "0.10"}
    assert without[4].headers == {"__debezium.newkey": {"id": 11}}
    assert without[5].headers == {"__debezium.oldkey": {"id": 10}}
    assert without[6].key == {"id": 10}
    assert without[7].key is None


def test_what_was_rolled_back_is_not_there(running: Captured) -> None:
    session = running.session
    start = running.end()
    session.execute("BEGIN")
    session.execute("INSERT INTO orders VALUES (20, 1, 1)")
    session.execute("ROLLBACK")
    records = running.captured(
        "INSERT INTO orders VALUES (21, 1, 1)",
        "SAVEPOINT one",
        "INSERT INTO orders VALUES (22, 1, 1)",
        "ROLLBACK TO one",
    )
    seen = running.wait(lambda found: len(found) >= records[-1].offset - start, start)
    keys = [one.key["id"] for one in seen if one.kind == "c"]
    assert keys == [21]


def test_an_unchanged_large_value_is_marked(running: Captured) -> None:
    records = running.captured("UPDATE customers SET name = 'Anna' WHERE id = 1")
    (update,) = [one for one in records if one.kind == "u"]
    assert update.value["after"]["notes"] == "__debezium_unavailable_value"


def test_an_excluded_column_never_leaves_the_database(running: Captured) -> None:
    running.run("ALTER TABLE customers REPLICA IDENTITY FULL")
    records = running.captured(
        "UPDATE customers SET secret = 'hunter22' WHERE id = 2",
        "UPDATE customers SET name = 'Bobby' WHERE id = 2",
        "DELETE FROM customers WHERE id = 2",
    )
    running.run("ALTER TABLE customers REPLICA IDENTITY DEFAULT")
    everything = running.wait(lambda found: bool(found) and found[-1].offset >= records[-1].offset)
    text = json.dumps([one.value for one in everything])
    assert "Bobby" in text
    assert "hunter2" not in text
    assert "secret" not in text


def test_an_idle_database_gives_transactions(running: Captured) -> None:
    start = running.end()
    records = running.wait(lambda found: kinds(found).count("m") > 1, start)
    (first, *_) = [i for i, one in enumerate(records) if one.kind == "m"]
    assert records[first].value["message"]["prefix"].startswith(f"{HEARTBEAT}.")
    around = [one.kind for one in records if one.kind != "heartbeat"]
    assert around[around.index("m") - 1] == "BEGIN"
    assert around[around.index("m") + 1] == "END"


def test_messages_of_the_application_stay_out(running: Captured) -> None:
    records = running.captured("SELECT pg_logical_emit_message(true, 'shop', 'hello')")
    assert "m" not in kinds(records)
    assert running.connect.connectors()[f"{running.domain}.shop"].tasks[0].state == "RUNNING"


def test_no_topic_appears_beside_the_log(running: Captured) -> None:
    topics = running.admin.topics()
    mine = {name for name in topics if running.domain in name}
    assert mine == {running.log, f"_mesh.progress.{running.domain}.shop"}


def test_connect_may_create_no_topic(running: Captured) -> None:
    rights = [one for one in running.admin.acls() if one.principal == "mesh.connect"]
    assert rights
    assert not [one for one in rights if one.operation in {"create", "all"}]


def test_the_password_is_not_shown_by_connect(running: Captured) -> None:
    connector = running.connect.connectors()[f"{running.domain}.shop"]
    assert connector.config["database.user"] == running.domain
    assert running.password not in json.dumps(dict(connector.config))
    logs = running.stack.status()
    for component in logs:
        if component.name in {"connect", "kafka"}:
            assert running.password not in component.log.read_text(errors="replace")


def test_connects_settings_are_known(running: Captured) -> None:
    problems = running.connect.validate(running.wants.connector_config)
    assert problems == ()
