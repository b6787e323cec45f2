"""The right to apply, by membership of a consumer group (docs/decisions/0004-apply-lock.md).

The empty topic `_mesh.apply-lock` has one partition, and Kafka gives it to one member of the group
of the same name at a time. The cooperative-sticky assignor leaves it with whom has it when others
join; a member that ends gives it back at once, one that dies after the session's timeout.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from streammesh.documents.names import Names
from streammesh.errors import MeshError
from streammesh.errors.platform import AlreadyThere, ApplyLockLost, ApplyRunning
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.kafka_failures import ConnectionWatch, bad_setting
from streammesh.platform.settings import KafkaSettings

SESSION_SECONDS = 10.0
"""After how long without a sign of life Kafka takes the right away."""

_POLL_SECONDS = 0.2

_PASSING = {
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._RESOLVE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,  # just created, and not every broker knows it yet
    KafkaError._UNKNOWN_TOPIC,
}


class KafkaApplyLock:
    """An `ApplyLock` for all who apply to one environment of a mesh, wherever they run."""

    def __init__(self, settings: KafkaSettings, names: Names) -> None:
        """Name the environment; `hold` makes the connection."""
        self._settings = settings
        self._name = names.apply_lock

    @contextmanager
    def hold(self, *, wait_seconds: float = 15.0) -> Iterator[KafkaHeldLock]:
        """See `ApplyLock.hold`.

        Raises:
            ApplyRunning: another one holds it all the time; `why` says who.
            MeshError: Kafka can't be reached, or refuses us.
        """
        self._prepare()
        held = KafkaHeldLock(self._settings, self._name)
        held.start()
        try:
            if not held.wait(wait_seconds):
                raise ApplyRunning(why=self._holders())
            yield held
        finally:
            held.stop()

    def _prepare(self) -> None:
        admin = ConfluentKafkaAdmin(self._settings)
        if not admin.topics([self._name]):
            with suppress(AlreadyThere):  # another apply, at the same moment
                admin.create_topics([TopicSpec(self._name, 1, -1)])

    def _holders(self) -> str | None:
        """Say who is a member of the group, as far as Kafka tells."""
        client: Any = AdminClient(self._settings.librdkafka())
        try:
            groups = client.describe_consumer_groups([self._name], request_timeout=5)
            members = groups[self._name].result(timeout=6).members
        except (KafkaException, TimeoutError):
            return None
        others = [one for one in members if one.assignment.topic_partitions]
        return "\n".join(_words(one.client_id, one.host) for one in others) or None


def _words(client_id: str, host: str) -> str:
    """Give `ada@laptop:4711 from 10.0.0.7, since 2026-01-31 10:00:00 UTC`."""
    who, _, since = client_id.removeprefix("mesh-apply:").partition("|")
    begun = f", since {since} UTC" if since else ""
    return f"{who} from {host.strip('/')}{begun}"


class KafkaHeldLock:
    """A member of the group, kept alive by a thread of its own."""

    def __init__(self, settings: KafkaSettings, name: str) -> None:
        """Prepare a member; `start` lets it join.

        Args:
            settings: who applies.
            name: of the topic and the group.
        """
        self._name = name
        self._watch = ConnectionWatch(settings)
        try:
            self._consumer = Consumer(_properties(settings, name, self._watch.on_error))
        except KafkaException as error:
            raise bad_setting(error, settings) from error
        self._thread = Thread(target=self._live, name="apply-lock", daemon=True)
        self._ended, self._ours, self._lost = Event(), Event(), Event()
        self._failure: MeshError | None = None
        self._alive_at = monotonic()

    def start(self) -> None:
        """Join the group."""
        self._consumer.subscribe(
            [self._name],
            on_assign=self._assigned,
            on_revoke=self._taken,
            on_lost=self._taken,
        )
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until the right is ours.

        Args:
            seconds: for how long.

        Returns:
            Whether it is.

        Raises:
            MeshError: Kafka can't be reached, or refuses us.
        """
        deadline = monotonic() + seconds
        while not self._ours.wait(0.05):
            if self._failure is not None:
                raise self._failure
            if self._watch.hopeless:
                raise self._watch.explain(KafkaError(KafkaError._TIMED_OUT), "begin an apply")
            if monotonic() > deadline:
                return False
        return True

    def check(self) -> None:
        """See `HeldLock.check`."""
        silent = monotonic() - self._alive_at
        if self._lost.is_set() or not self._ours.is_set() or silent > SESSION_SECONDS / 2:
            raise ApplyLockLost

    def stop(self) -> None:
        """Give the right back and leave the group."""
        self._ended.set()
        self._thread.join(timeout=SESSION_SECONDS)
        self._lost.set()

    def _live(self) -> None:
        while not self._ended.is_set():
            message = self._consumer.poll(_POLL_SECONDS)
            error = None if message is None else message.error()
            if error is None:
                self._alive_at = monotonic()
            elif error.code() not in _PASSING:
                self._failure = self._watch.explain(error, "begin an apply")
                sleep(_POLL_SECONDS)
        self._consumer.close()

    def _assigned(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._watch.clear()
        if partitions:
            self._ours.set()

    def _taken(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        if partitions:
            self._lost.set()


def _properties(
    settings: KafkaSettings, group: str, on_error: Callable[[KafkaError], None]
) -> dict[str, Any]:
    return {
        **settings.librdkafka(),
        "group.id": group,
        "client.id": f"mesh-apply:{_user()}@{socket.gethostname()}:{os.getpid()}|{_now()}",
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": int(SESSION_SECONDS * 1000),
        "heartbeat.interval.ms": 1000,
        "enable.auto.commit": False,
        "auto.offset.reset": "latest",
        "error_cb": on_error,
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in many containers
        return str(os.getuid())
