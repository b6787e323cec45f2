"""The end of a transaction that comes late: librdkafka has sent another one by itself meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from secrets import token_hex

import pytest

from streammesh.local.stack import Stack
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_streams import ConfluentStreams, ConfluentWriter
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import CommitUncertain, Event
from tests.conformance.conftest import kafka_settings
from tests.integration.engine.late_end import Proxy

pytestmark = [pytest.mark.real, pytest.mark.slow]


class Bench:
    """A topic, and a writer whose broker is behind a proxy."""

    def __init__(self, direct: KafkaSettings) -> None:
        self.topic = f"late{token_hex(4)}"
        self.proxy = Proxy(int(direct.bootstrap_servers.rpartition(":")[2]))
        self._streams = ConfluentStreams(direct, "admin.late")
        through = replace(direct, bootstrap_servers=f"127.0.0.1:{self.proxy.port}")
        streams = ConfluentStreams(through, "admin.late")
        self.writer: ConfluentWriter = streams.writer(f"{self.topic}.writer", self.topic, 60_000)
        self.writer.start()

    def write(self, value: bytes) -> None:
        """Write an event, so that the broker has it."""
        self.writer.write([Event(self.topic, b"key", value)])
        assert self.writer._live.flush(20) == 0

    def commit_late(self, value: bytes) -> None:
        """Commit an event; the connection breaks, and its end is on its way still."""
        self.proxy.hold()
        self.writer.begin()
        self.write(value)
        self.writer.commit()

    def committed(self) -> list[bytes | None]:
        """Give what consumers see."""
        return [one for chunk in self._streams.read_all(self.topic) for one in chunk.values]


@pytest.fixture
def bench(stack: Stack) -> Iterator[Bench]:
    direct = kafka_settings(stack.info())
    made = Bench(direct)
    admin = ConfluentKafkaAdmin(direct)
    admin.create_topics([TopicSpec(made.topic, 1, 1)])
    yield made
    made.writer.close()
    made.proxy.close()
    admin.delete_topics([made.topic])


def test_a_commit_whose_connection_broke_is_in_doubt(bench: Bench) -> None:
    with pytest.raises(CommitUncertain):
        bench.commit_late(b"first")
    bench.writer.start()
    bench.writer.begin()
    bench.write(b"second")
    bench.proxy.release()
    bench.writer.abort()
    assert bench.committed() == [b"first"]


def test_a_producer_used_again_would_commit_what_was_not_to_be(bench: Bench) -> None:
    """The control: without a new producer the late end commits half a transaction."""
    with pytest.raises(CommitUncertain):
        bench.commit_late(b"first")
    bench.writer.begin()
    bench.write(b"second")
    bench.proxy.release()
    assert bench.committed() == [b"first", b"second"]
