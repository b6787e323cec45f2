"""Tables read by COPY while the application writes: rows and later changes are one state."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition

from streammesh.capture.copying.taking import Advance, Order, take, write_mark
from streammesh.capture.generation import begin_generation
from streammesh.capture.publication import create_slot, drop_slot, put_publication
from streammesh.deployments import marks
from streammesh.deployments.progress import Lsn
from streammesh.documents.names import Names
from streammesh.documents.values import Source
from streammesh.errors.capture import NoSelectRight, RowsHidden, TableNotRead
from streammesh.local.stack import Stack
from streammesh.platform.confluent_appending import ConfluentAppender
from streammesh.platform.database import DatabaseSettings
from streammesh.reconcile.fence import fence
from tests.integration.capture.captured import Captured, Record

ROWS = 30_000
TABLES = ("left_side", "right_side")


class Copied(Captured):
    """A database whose tables are read by COPY."""

    @property
    def source(self) -> Source:
        """The source's file."""
        return replace(super().source, snapshot="copy")

    @property
    def settings(self) -> DatabaseSettings:
        """The database, as the role that captures it."""
        info = self.stack.info()
        return DatabaseSettings(
            info.postgres_host, info.postgres_port, self.database, self.domain, self.password
        )

    @property
    def rows(self) -> str:
        """The topic of rows."""
        return Names().rows(self.domain, "shop")

    def stream(self) -> None:
        """Do what apply does before it reads tables."""
        wanted = self.wants
        self.admin.create_topics(wanted.topics)
        self.wait_for_topics()
        self.admin.create_acls(one for one in wanted.acls if one.principal == "mesh.connect")
        put_publication(self.session, wanted.publication)
        begin_generation(
            self.connect,
            wanted.connector,
            wanted.connector_config,
            lambda: drop_slot(self.session, wanted.slot),
            lambda: create_slot(self.session, wanted.slot),
        )
        self.await_capturing()

    def wait_for_topics(self) -> None:
        """Wait until the broker knows new topics: a busy one does late."""
        stop = threading.Event()
        for _ in range(100):
            if {self.log, self.rows} <= set(self.admin.topics([self.log])):
                return
            stop.wait(0.2)

    def order(self, **changes: Any) -> Order:
        """Say that all tables are to be read."""
        tables = self.tables_now()
        order = Order("t.shop", uuid.uuid4().hex, self.rows, 4, self.log, tables)
        return replace(order, **changes)

    def take(self, order: Order, tell: Any = lambda _: None) -> Iterator[marks.TableCopied]:
        """Read tables."""
        appender = ConfluentAppender(self.kafka)
        try:
            yield from take(order, self.settings, appender, tell)
        finally:
            appender.close()

    def lines(self, mark: marks.TableCopied) -> list[bytes]:
        """Give the rows that a mark names, as an engine finds them."""
        consumer = Consumer(self.kafka.librdkafka() | {"group.id": self.domain})
        blocks: dict[int, bytes] = {}
        try:
            for partition, (first, end) in mark.offsets.items():
                consumer.assign([TopicPartition(mark.topic, int(partition), first)])
                at = first
                while at < end:
                    for message in consumer.consume(100, 1.0):
                        assert message.error() is None
                        at = message.offset() + 1
                        headers = dict(message.headers())
                        if at <= end and headers[marks.HEADER_COPY] == mark.copy.encode():
                            assert headers[marks.HEADER_TABLE] == mark.table.encode()
                            assert message.value().count(b"\n") == int(headers[marks.HEADER_ROWS])
                            blocks[int(headers[marks.HEADER_BLOCK])] = message.value()
        finally:
            consumer.close()
        assert sorted(blocks) == list(range(mark.blocks))
        found = b"".join(blocks.values()).splitlines()
        assert len(found) == mark.rows
        return found

    def close(self) -> None:
        """Remove everything again."""
        self.admin.delete_topics([self.rows])
        super().close()


@pytest.fixture
def accounts(stack: Stack) -> Iterator[Copied]:
    """Give two tables whose amounts always sum up to 0."""
    copied = Copied(stack, [f"public.{one}" for one in TABLES])
    try:
        for table in TABLES:
            copied.run(
                f"CREATE TABLE {table} (id int PRIMARY KEY, amount int NOT NULL)",
                f"INSERT INTO {table} SELECT i, 0 FROM generate_series(1, {ROWS}) i",
            )
        yield copied
    finally:
        copied.close()


def transfer(stop: threading.Event, copied: Copied, number: int) -> None:
    """Move amounts, delete and insert rows, and move them over many pages, until `stop`."""
    parameters = copied.session.info.get_parameters()
    with psycopg.connect(**parameters, password=copied.password, autocommit=True) as session:
        turn = 0
        while not stop.is_set():
            turn += 1
            low, high = (number + turn * 37) % ROWS + 1, (turn * 7919) % ROWS + 1
            with session.transaction():
                session.execute("UPDATE left_side SET amount = amount - 1 WHERE id = %s", [low])
                session.execute("UPDATE right_side SET amount = amount + 1 WHERE id = %s", [high])
                session.execute("DELETE FROM right_side WHERE id = %s", [ROWS + number])
                session.execute("INSERT INTO right_side VALUES (%s, 0)", [ROWS + number])


def state_at(
    position: Lsn, marked: Sequence[marks.TableCopied], copied: Copied, records: Sequence[Record]
) -> dict[tuple[str, int], int]:
    """Give the tables at a position: rows as copied, and the transactions after that."""
    state: dict[tuple[str, int], int] = {}
    since: dict[str, Lsn] = {}
    for mark in marked:
        table = mark.table.removeprefix("public.")
        since[table] = mark.lsn
        for line in copied.lines(mark):
            key, amount = line.split(b"\t")
            state[table, int(key)] = int(amount)
    rows: list[Record] = []
    for one in records:
        if one.kind == "BEGIN":
            rows = []
        elif one.kind in {"c", "u", "d"}:
            rows.append(one)
        elif one.kind == "END":
            end = Lsn(int(one.value["id"].partition(":")[2]))
            for row in rows:
                if since[row.table] < end <= position:
                    key = (row.table, row.key["id"])
                    after = row.value["after"]
                    state.pop(key, None) if after is None else state.update({key: after["amount"]})
    return state


def passed(position: Lsn) -> Any:
    """Tell whether records reach behind a position."""

    def reached(records: Sequence[Record]) -> bool:
        ends = (int(one.value["id"].partition(":")[2]) for one in records if one.kind == "END")
        return any(one > position.value for one in ends)

    return reached


@pytest.mark.parametrize("sessions", [1, 3])
def test_rows_and_later_changes_are_the_table_at_the_fence(accounts: Copied, sessions: int) -> None:
    stop = threading.Event()
    writers = [threading.Thread(target=transfer, args=(stop, accounts, n)) for n in range(3)]
    for one in writers:
        one.start()
    try:
        accounts.stream()
        marked = list(accounts.take(accounts.order(sessions=sessions)))
        with fence(accounts.settings.conninfo(), "t") as point:
            there = {
                (table, key): amount
                for table in TABLES
                for key, amount in point.rows(f"SELECT id, amount FROM {table}")
            }
            position = point.position
        stop.wait(1)
    finally:
        stop.set()
        for one in writers:
            one.join()
    records = accounts.wait(passed(position))
    assert state_at(position, marked, accounts, _transactions(records)) == there
    assert sum(there.values()) == 0


def _transactions(records: Sequence[Record]) -> list[Record]:
    return [one for one in records if "streammesh" not in one.value]


def test_a_reading_that_is_stopped_leaves_nothing_and_goes_on_with_the_rest(
    accounts: Copied, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.stream()
    monkeypatch.setattr("streammesh.capture.copying.ranges.GROUP_BYTES", 0)
    monkeypatch.setattr("streammesh.capture.copying.ranges.groups.__defaults__", (0,))
    order = accounts.order()
    done: list[marks.TableCopied] = []

    def stopped(_: Advance) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        done.extend(accounts.take(order, stopped))  # takes each as it comes
    assert len(done) == 1
    assert accounts.session.execute(LEFT_BEHIND).fetchone() == (0, 0)
    left = [one for one in order.tables if str(one.name) != done[0].table]
    done += accounts.take(replace(order, tables=tuple(left)))
    assert {one.table for one in done} == {f"public.{one}" for one in TABLES}
    assert [len(accounts.lines(one)) for one in done] == [ROWS, ROWS]


LEFT_BEHIND = """
    SELECT (SELECT count(*)::int FROM pg_stat_activity
            WHERE application_name = 'streammesh snapshot' AND datname = current_database()),
           (SELECT count(*)::int FROM pg_replication_slots
            WHERE temporary AND database = current_database())
"""


def test_partitions_large_rows_and_excluded_columns(stack: Stack) -> None:
    copied = Copied(stack, ["public.parts"], ["public.parts.secret"])
    try:
        copied.run(
            "CREATE TABLE parts (id int PRIMARY KEY, secret text, body text)"
            " PARTITION BY RANGE (id)",
            "CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (100)",
            "CREATE TABLE high (body text, secret text, id int NOT NULL)",
            "ALTER TABLE parts ATTACH PARTITION high FOR VALUES FROM (100) TO (1000)",
            "INSERT INTO parts SELECT i, 'hunter2', E'tab\\there' FROM generate_series(1, 999) i",
            "UPDATE parts SET body = repeat('x', 10000000) WHERE id = 7",
        )
        copied.stream()
        [mark] = copied.take(copied.order())
        assert mark.columns == ("id", "body")
        lines = dict(line.split(b"\t", 1) for line in copied.lines(mark))
        assert len(lines) == 999
        assert len(lines[b"7"]) == 10_000_000
        assert lines[b"500"] == b"tab\\there"
        assert not any(b"hunter2" in line for line in lines.values())
    finally:
        copied.close()


def test_what_the_role_may_not_read_is_an_error_that_names_it(accounts: Copied) -> None:
    accounts.stream()
    order = accounts.order()
    with accounts.superuser() as session:
        session.execute("ALTER TABLE left_side OWNER TO CURRENT_USER")
    with pytest.raises(NoSelectRight) as caught:
        list(accounts.take(order))
    assert (
        caught.value.fix == f"GRANT SELECT (id, amount) ON public.left_side TO {accounts.domain};"
    )


def test_a_policy_that_would_hide_rows_is_an_error(accounts: Copied) -> None:
    accounts.stream()
    order = accounts.order()
    accounts.run(
        "ALTER TABLE left_side ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE left_side FORCE ROW LEVEL SECURITY",
    )
    with pytest.raises(RowsHidden):
        list(accounts.take(order))


def test_a_column_that_was_dropped_since_the_plan_is_an_error(accounts: Copied) -> None:
    accounts.stream()
    order = accounts.order()
    accounts.run("ALTER TABLE right_side DROP COLUMN amount")
    with pytest.raises(TableNotRead, match="right_side could"):
        list(accounts.take(order))


def test_marks_stand_between_the_transactions(accounts: Copied) -> None:
    accounts.stream()
    appender = ConfluentAppender(accounts.kafka)
    started = marks.Started(
        snapshot="s", tables=("public.left_side",), whole=True, system_identifier="1", timeline=1
    )
    write_mark(appender, accounts.log, started)
    appender.close()
    records = accounts.wait(lambda found: any("streammesh" in one.value for one in found))
    [found] = [one for one in records if "streammesh" in one.value]
    assert found.key == json.loads(marks.KEY)
    assert marks.decode(json.dumps(found.value).encode()) == started
