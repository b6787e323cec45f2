from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from streammesh.errors.platform import Missing, RequestFailed, Unreachable
from streammesh.platform.connect import Connect
from streammesh.platform.connect_rest import ConnectRest
from streammesh.platform.memory import MemoryConnect
from streammesh.platform.settings import HttpSettings
from tests.conformance.conftest import TWIN_AND_REAL

POSTGRES = "io.debezium.connector.postgresql.PostgresConnector"


@pytest.fixture(params=TWIN_AND_REAL)
def connect(request, info, unique) -> Iterator[Connect]:
    if request.param == "twin":
        yield MemoryConnect()
        return
    real = ConnectRest(HttpSettings(info().connect_url))
    yield real
    for name in real.connectors():
        if name.startswith(unique):
            real.delete(name)


@pytest.fixture
def config(connect, info, unique) -> Iterator[dict[str, str]]:
    """Give a configuration that runs: of a database of its own, in which nothing changes."""
    settings = {
        "connector.class": POSTGRES,
        "topic.prefix": unique,
        "database.hostname": "127.0.0.1",
        "database.user": "postgres",
        "database.dbname": unique,
    }
    if isinstance(connect, MemoryConnect):
        yield settings
        return
    server = info().postgres_url("postgres")
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {unique}")
    with psycopg.connect(info().postgres_url(unique), autocommit=True) as session:
        session.execute("CREATE TABLE t (id int PRIMARY KEY)")
    yield settings | {
        "database.port": str(urlsplit(server).port),
        "database.password": info().postgres_password,
        "table.include.list": "public.t",
        "plugin.name": "pgoutput",
        "slot.name": unique,
        "publication.name": unique,
        "slot.drop.on.stop": "true",
        "snapshot.mode": "no_data",
    }
    connect.delete(unique)
    with psycopg.connect(server, autocommit=True) as session:
        _drop(session, unique)


def _drop(session: psycopg.Connection, name: str) -> None:
    for _ in range(100):
        active = "SELECT 1 FROM pg_replication_slots WHERE slot_name = %s AND active"
        if session.execute(active, [name]).fetchone() is None:
            break
        time.sleep(0.1)
    session.execute(
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
        [name],
    )
    session.execute(f"DROP DATABASE {name} WITH (FORCE)")


def eventually(connect, name, states):
    """Wait until the connector and its tasks are in these states."""
    seen = None
    for _ in range(300):
        connector = connect.connectors()[name]
        seen = (connector.state, *(task.state for task in connector.tasks))
        if seen == states:
            return connector
        time.sleep(0.1)
    pytest.fail(f"{name} stayed {seen}")


def test_the_plugins_are_known_by_their_class(connect):
    assert POSTGRES in connect.plugins()


def test_a_connector_runs_as_configured(connect, config, unique):
    connect.put(unique, config)
    assert unique in connect.connectors()
    connector = eventually(connect, unique, ("RUNNING", "RUNNING"))
    assert connector.config == {**config, "name": unique}
    assert (connector.failed, connector.cause) == (False, "")
    assert connect.offsets(unique) == ()


def test_a_connector_gets_another_configuration(connect, config, unique):
    connect.put(unique, config)
    connect.put(unique, {**config, "heartbeat.interval.ms": "0"})
    assert connect.connectors()[unique].config["heartbeat.interval.ms"] == "0"


def test_a_connector_is_paused_stopped_and_resumed(connect, config, unique):
    connect.put(unique, config)
    eventually(connect, unique, ("RUNNING", "RUNNING"))
    connect.pause(unique)
    eventually(connect, unique, ("PAUSED", "PAUSED"))
    connect.stop(unique)
    assert connect.connectors()[unique].state == "STOPPED"
    assert connect.connectors()[unique].tasks == ()
    connect.resume(unique)
    eventually(connect, unique, ("RUNNING", "RUNNING"))
    connect.restart(unique)
    connect.restart(unique, only_failed=True)
    eventually(connect, unique, ("RUNNING", "RUNNING"))


def test_offsets_are_reset_only_when_stopped(connect, config, unique):
    connect.put(unique, config)
    eventually(connect, unique, ("RUNNING", "RUNNING"))
    with pytest.raises(RequestFailed, match=unique):
        connect.reset_offsets(unique)
    connect.stop(unique)
    connect.reset_offsets(unique)
    assert connect.offsets(unique) == ()


def test_deleting_a_connector_twice_is_no_error(connect, config, unique):
    connect.put(unique, config)
    connect.delete(unique)
    connect.delete(unique)
    assert unique not in connect.connectors()


def test_validation_names_every_field(connect, config):
    assert connect.validate(config) == ()
    problems = connect.validate({"connector.class": POSTGRES})
    wanted = {"topic.prefix", "database.hostname", "database.user", "database.dbname"}
    assert {problem.field for problem in problems} == wanted
    assert all("required" in problem.message for problem in problems)


def test_a_wrong_configuration_is_refused(connect, unique):
    with pytest.raises(RequestFailed, match=unique) as refusal:
        connect.put(unique, {"connector.class": POSTGRES})
    assert "required" in refusal.value.why
    assert unique not in connect.connectors()


def test_an_unknown_plugin_is_refused(connect, unique):
    with pytest.raises(RequestFailed) as refusal:
        connect.put(unique, {"connector.class": "no.Such"})
    assert "no.Such" in refusal.value.why
    assert "file:" not in refusal.value.why
    with pytest.raises(Missing, match=r"no\.Such"):
        connect.validate({"connector.class": "no.Such"})


@pytest.mark.parametrize("call", ["pause", "resume", "stop", "restart", "offsets", "reset_offsets"])
def test_a_connector_that_does_not_exist_is_missing(connect, unique, call):
    with pytest.raises(Missing, match=unique):
        getattr(connect, call)(unique)


@pytest.mark.real
@pytest.mark.parametrize("connect", ["real"], indirect=True)
def test_a_task_that_may_not_write_says_so_and_is_restarted(connect, config, info, unique):
    connect.put(unique, config)
    eventually(connect, unique, ("RUNNING", "RUNNING"))
    with psycopg.connect(info().postgres_url(unique), autocommit=True) as session:
        for number in range(100):
            session.execute("INSERT INTO t VALUES (%s)", [number])
            if connect.connectors()[unique].failed:
                break
            time.sleep(0.2)
    failed = eventually(connect, unique, ("RUNNING", "FAILED"))
    assert failed.cause == f"Not authorized to access topics: [{unique}.public.t]"
    connect.restart(unique, only_failed=True)
    assert unique in connect.connectors()


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        ConnectRest(HttpSettings("http://127.0.0.1:1")).connectors()
