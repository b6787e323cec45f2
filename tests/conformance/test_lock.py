from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from streammesh.errors.platform import ApplyLockLost, ApplyRunning
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.kafka_lock import SESSION_SECONDS, KafkaApplyLock
from streammesh.platform.lock import ApplyLock
from streammesh.platform.memory import MemoryApplyLock
from streammesh.platform.settings import KafkaSettings
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings

HOLDER = """
import os, time
from streammesh.documents.names import Names
from streammesh.platform.kafka_lock import KafkaApplyLock
from streammesh.platform.settings import kafka_settings
settings, names = kafka_settings(None, os.environ), Names(os.environ["NAMESPACE"])
with KafkaApplyLock(settings, names).hold() as held:
    print("held", flush=True)
    while True:
        held.check()
        time.sleep(0.05)
"""


@pytest.fixture
def settings(info, names) -> Iterator[KafkaSettings]:
    settings = kafka_settings(info())
    yield settings
    ConfluentKafkaAdmin(settings).delete_topics([names.apply_lock])


@pytest.fixture(params=TWIN_AND_REAL)
def lock(request, names) -> ApplyLock:
    if request.param == "twin":
        return MemoryApplyLock()
    return KafkaApplyLock(request.getfixturevalue("settings"), names)


def test_it_is_held_and_given_back(lock):
    for _ in range(2):
        with lock.hold() as held:
            held.check()


def test_it_is_given_back_after_an_error(lock):
    with pytest.raises(ZeroDivisionError), lock.hold():
        _ = 1 / 0
    with lock.hold() as held:
        held.check()


def test_a_second_apply_is_refused_and_the_first_goes_on(lock):
    with lock.hold() as held:
        with pytest.raises(ApplyRunning), lock.hold(wait_seconds=1):
            pytest.fail("two at once")
        held.check()


def test_a_second_apply_waits_for_the_first(lock):
    order = []

    def second():
        with lock.hold(wait_seconds=30) as held:
            held.check()
            order.append("second")

    waiting = threading.Thread(target=second)
    with lock.hold() as held:
        waiting.start()
        time.sleep(1.5)
        held.check()
        order.append("first")
    waiting.join(timeout=40)
    assert order == ["first", "second"]


def test_who_gives_it_back_no_longer_has_it(lock):
    with lock.hold() as held:
        pass
    with pytest.raises(ApplyLockLost):
        held.check()


@pytest.fixture
def holder(settings, names) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is ended."""
    environ = os.environ | {
        "MESH_KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
        "MESH_KAFKA_SECURITY_PROTOCOL": settings.security_protocol,
        "MESH_KAFKA_SASL_MECHANISM": settings.sasl_mechanism,
        "MESH_KAFKA_USERNAME": settings.username,
        "MESH_KAFKA_PASSWORD": settings.password,
        "NAMESPACE": names.namespace,
    }
    command = [sys.executable, "-c", HOLDER]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environ, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.real
def test_the_refusal_says_who_holds_it(holder, settings, names):
    with (
        pytest.raises(ApplyRunning) as refusal,
        KafkaApplyLock(settings, names).hold(wait_seconds=2),
    ):
        pytest.fail("two at once")
    assert str(holder.pid) in refusal.value.why


@pytest.mark.real
def test_a_killed_holder_loses_it(holder, settings, names):
    holder.kill()
    with KafkaApplyLock(settings, names).hold(wait_seconds=SESSION_SECONDS + 10) as held:
        held.check()


@pytest.mark.real
def test_a_holder_that_slept_too_long_notices_before_its_next_step(holder, settings, names):
    holder.send_signal(signal.SIGSTOP)
    with KafkaApplyLock(settings, names).hold(wait_seconds=SESSION_SECONDS + 10) as held:
        holder.send_signal(signal.SIGCONT)
        _, complaint = holder.communicate(timeout=20)
        assert "ApplyLockLost" in complaint
        held.check()
