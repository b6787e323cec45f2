"""Up, down, status, and every way in which a component can be gone."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time

import psutil
import psycopg
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from streammesh.errors.local import PortTaken, StackNotUp
from streammesh.local.stack import Stack

UP = "import sys; from pathlib import Path; from streammesh.local.stack import Stack; "
# one string a step: several threads tell, and `print` writes each argument by itself
UP += "Stack(Path(sys.argv[1])).up(lambda *step: print(' '.join(step) + '\\n', end='', flush=True))"

pytestmark = pytest.mark.real


def states(stack: Stack) -> dict[str, str]:
    return {one.name: one.state for one in stack.status()}


def pids(stack: Stack) -> dict[str, int | None]:
    return {one.name: one.pid for one in stack.status()}


def admin(stack: Stack) -> AdminClient:
    info = stack.info()
    return AdminClient(
        {
            "bootstrap.servers": info.bootstrap_servers,
            "security.protocol": info.security_protocol,
            "sasl.mechanism": info.sasl_mechanism,
            "sasl.username": info.admin_username,
            "sasl.password": info.admin_password,
        }
    )


def test_before_the_first_start_it_is_not_up(tmp_path):
    stack = Stack(tmp_path)
    assert set(states(stack).values()) == {"stopped"}
    with pytest.raises(StackNotUp):
        stack.info()
    stack.down()
    assert not (tmp_path / ".mesh").exists()


def test_it_comes_up_from_nothing(up):
    assert set(states(up).values()) == {"healthy"}
    assert all(one.memory_bytes > 10_000_000 for one in up.status())


def test_it_listens_on_the_loopback_address_only(up):
    ours = set(pids(up).values())
    listening = {
        c for c in psutil.net_connections("inet") if c.pid in ours and c.status == "LISTEN"
    }
    assert len(listening) >= 6
    # Java shows IPv4 addresses as if they were IPv6 ones
    assert {c.laddr.ip.removeprefix("::ffff:") for c in listening} == {"127.0.0.1"}


def test_what_it_keeps_is_for_its_owner_only(up):
    home = up.layout.home
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for file in (home / "secrets").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_second_up_starts_nothing(up):
    before = pids(up)
    up.up()
    assert pids(up) == before


@pytest.mark.parametrize("component", ["registry", "connect", "kafka"])
def test_a_killed_component_is_seen_and_started_again(up, component):
    before = pids(up)
    up.kill(component)
    assert states(up)[component] == "died"
    up.up()
    assert set(states(up).values()) == {"healthy"}
    changed = {name for name, pid in pids(up).items() if pid != before[name]}
    assert changed == {component}


def test_one_component_can_be_started_alone(up):
    up.kill("registry")
    up.start_component("registry")
    assert states(up)["registry"] == "healthy"


def test_a_killed_database_keeps_what_was_committed(up):
    with psycopg.connect(up.info().postgres_url("postgres")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    up.kill("postgres")
    up.up()
    with psycopg.connect(up.info().postgres_url("postgres")) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert connection.execute("SHOW wal_level").fetchone() == ("logical",)


def test_a_database_that_died_with_its_process_id_taken_by_another_comes_up(up):
    up.kill("postgres")
    lock = up.layout.data("postgres") / "cluster" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    up.up()
    assert states(up)["postgres"] == "healthy"


@pytest.mark.slow
def test_everything_killed_comes_up_again(up):
    for component in pids(up):
        up.kill(component)
    with pytest.raises(StackNotUp):
        up.info()
    up.up()
    assert set(states(up).values()) == {"healthy"}


@pytest.mark.slow
def test_a_damaged_state_file_is_recovered_from(up):
    before = pids(up)
    up.layout.state_file.write_text("{")
    up.up()
    assert set(states(up).values()) == {"healthy"}
    assert not any(pid and psutil.pid_exists(pid) for pid in before.values())


@pytest.mark.slow
def test_data_and_ports_survive_down_and_up(up):
    client = admin(up)
    client.create_topics([NewTopic("kept", 1, 1)])["kept"].result()
    before = up.info()
    up.down()
    assert set(states(up).values()) == {"stopped"}
    with pytest.raises(StackNotUp):
        up.info()
    assert up.up() == before
    assert "kept" in admin(up).list_topics(timeout=10).topics


@pytest.mark.slow
def test_an_interrupted_up_is_gone_on_with(up):
    up.down()
    command = [sys.executable, "-c", UP, str(up.layout.home.parent)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as one:
        assert any("kafka starting" in line for line in one.stdout), one.stderr.read()
        time.sleep(1.5)
        one.send_signal(signal.SIGINT)
        assert one.wait(30) != 0
    up.up()
    assert set(states(up).values()) == {"healthy"}


@pytest.mark.slow
def test_a_taken_port_is_replaced_or_told(up):
    ports = {one.name: one.port for one in up.status()}
    up.down()
    moved = []
    with listening(ports["registry"]), listening(ports["postgres"]) as held:
        with pytest.raises(PortTaken, match=f"port {ports['postgres']}, which postgres"):
            up.up()
        held.close()
        up.up(lambda component, state, detail: moved.append((component, state, detail)))
    assert [component for component, state, _ in moved if state == "moved"] == ["registry"]
    now = {one.name: one.port for one in up.status()}
    assert now == ports | {"registry": now["registry"]}
    assert now["registry"] != ports["registry"]
    assert set(states(up).values()) == {"healthy"}


def listening(port: int) -> socket.socket:
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


@pytest.mark.slow
def test_two_workspaces_are_up_at_once(up, tmp_path):
    other = Stack(tmp_path)
    try:
        there, here = other.up(), up.info()
        assert there.bootstrap_servers != here.bootstrap_servers
        assert set(states(up).values()) == set(states(other).values()) == {"healthy"}
        assert "kept" not in admin(other).list_topics(timeout=10).topics
        other.down()
        assert set(states(up).values()) == {"healthy"}
    finally:
        other.down()


def test_deleting_data_deletes_engine_state_with_it(up):
    state = up.layout.engine_state
    state.mkdir(exist_ok=True)
    (state / "shop.sqlite").touch()
    up.delete_data()
    assert not state.exists()
    assert not up.layout.all_data.exists()
    assert list(up.layout.home.glob("secrets/*")) == []
    assert set(states(up).values()) == {"stopped"}
