"""The connector's configuration: the settings of which each, when missing, lost something."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from streammesh.capture.connector import connector_config
from streammesh.capture.server import DatabaseIdentity
from streammesh.documents.values import TableName
from tests.unit.capture.values import REFERENCE, SOURCE, TABLES, settings

CONFIG = connector_config(SOURCE, TABLES, settings())


def test_the_password_is_a_reference() -> None:
    assert CONFIG["database.password"] == REFERENCE
    assert [key for key, value in CONFIG.items() if "password" in key.lower()] == [
        "database.password"
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("slot.drop.on.stop", "false"),  # or what changes while it stands still is gone
        ("publication.autocreate.mode", "disabled"),  # or it publishes what nobody named
        ("skipped.operations", "none"),  # or a TRUNCATE is left out silently
        ("snapshot.mode", "no_data"),  # or a lost slot is passed over with a new snapshot
        ("producer.override.enable.idempotence", "true"),  # or records change places
        ("producer.override.acks", "all"),
        ("errors.tolerance", "none"),  # or a record is skipped
        ("provide.transaction.metadata", "true"),
        ("poll.interval.ms", "5"),
        ("tasks.max", "1"),
    ],
)
def test_settings_that_keep_the_log_whole(key: str, value: str) -> None:
    assert CONFIG[key] == value


def test_a_source_may_leave_the_reading_to_its_connector() -> None:
    config = connector_config(replace(SOURCE, snapshot="debezium"), TABLES, settings())
    assert config["snapshot.mode"] == "initial"  # not `when_needed`: that passes over a lost slot
    assert config.keys() >= CONFIG.keys()


@pytest.mark.parametrize(
    "topic",
    [
        "sales.shop.public.orders",
        "sales.shop.transaction",
        "sales.shop.message",
        "__debezium-heartbeat.sales.shop",
        "whatever comes with the next version",
    ],
)
def test_every_topic_becomes_the_log(topic: str) -> None:
    assert CONFIG["transforms"] == "log"
    replaced = re.fullmatch(CONFIG["transforms.log.regex"], topic)
    assert replaced
    assert CONFIG["transforms.log.replacement"] == "_cdc.sales.shop"
    assert CONFIG["notification.sink.topic.name"] == "_cdc.sales.shop"


def test_nothing_is_filtered_out() -> None:
    assert "predicates" not in CONFIG
    assert not [value for value in CONFIG.values() if "Filter" in value]


def test_the_heartbeat_is_a_transaction() -> None:
    query = CONFIG["heartbeat.action.query"]
    prefix = "streammesh.heartbeat." + CONFIG["slot.name"]
    assert query.startswith(f"SELECT pg_logical_emit_message(true, '{prefix}', ")
    assert re.fullmatch(CONFIG["message.prefix.include.list"], prefix)
    assert not re.fullmatch(CONFIG["message.prefix.include.list"], "streammesh.heartbeat.other")
    assert not re.fullmatch(CONFIG["message.prefix.include.list"], "outbox")
    assert 1_000 <= int(CONFIG["heartbeat.interval.ms"]) <= 5_000


def test_names_are_patterns_that_match_nothing_else() -> None:
    odd = TableName("Odd$", "my.table")
    config = connector_config(SOURCE, (replace(TABLES[0], name=odd),), settings())
    pattern = config["table.include.list"]
    assert re.fullmatch(pattern, "Odd$.my.table")
    assert not re.fullmatch(pattern, "Odd$.myxtable")
    excluded = CONFIG["column.exclude.list"]
    assert re.fullmatch(excluded, "crm.customers.password_hash")
    assert not re.fullmatch(excluded, "crm.customers.password_hash2")


def test_a_comma_in_a_name_does_not_split_the_list() -> None:
    config = connector_config(replace(SOURCE, exclude=("a.b.c,d",)), TABLES, settings())
    assert config["column.exclude.list"] == r"a\.b\.c\,d"


def test_without_exclusions_there_is_no_list() -> None:
    assert "column.exclude.list" not in connector_config(
        replace(SOURCE, exclude=()), TABLES, settings()
    )


def test_a_namespace_stands_before_every_name() -> None:
    config = connector_config(SOURCE, TABLES, settings("stage"))
    assert config["topic.prefix"] == "stage-sales.shop"
    assert config["transforms.log.replacement"] == "stage-_cdc.sales.shop"
    assert config["slot.name"] == "mesh_stage_shop_sales_shop"


def test_tls_is_passed_on() -> None:
    config = connector_config(
        SOURCE, TABLES, settings(sslmode="verify-full", sslrootcert="/etc/ca.pem")
    )
    assert config["database.sslmode"] == "verify-full"
    assert config["database.sslrootcert"] == "/etc/ca.pem"
    assert "database.sslmode" not in CONFIG


def test_it_begins_on_no_other_database_than_the_one_that_was_read() -> None:
    assert "database.initial.statements" not in CONFIG  # our role may not know which it is
    there = replace(settings(), identity=DatabaseIdentity("7001", 3))
    statement = connector_config(SOURCE, TABLES, there)["database.initial.statements"]
    assert "system_identifier <> 7001" in statement
    assert "timeline <> 3" in statement
    assert ";" not in statement  # Debezium takes it for the end of a statement
