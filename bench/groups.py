"""How long a look at all consumer groups takes on a real cluster.

BENCH_GROUPS=5000 says how many groups there are; without it, 1,000.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from bench import stack
from bench.clock import median_ms
from bench.results import Result, compared
from streammesh.platform import confluent_groups
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_groups import ConfluentGroups
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.settings import KafkaSettings

GROUPS = int(os.environ.get("BENCH_GROUPS", "1000"))
TOPICS, PARTITIONS, EACH, AT_ONCE = 100, 4, 3, 200
"""Topics, partitions of each, how many of them a group reads, requests under way."""


def measure() -> list[Result]:
    """Measure on groups that were made for it, without members."""
    with stack.running() as running, _groups(stack.admin(running)) as topics:
        groups = ConfluentGroups(stack.admin(running))
        found = groups.read(topics, 120.0)
        assert len(found.groups) == GROUPS, f"{len(found.groups)} of {GROUPS} groups"
        taken = median_ms(lambda: groups.read(topics, 120.0))
        alone = _one_at_a_time(groups, topics)
        size = f"{GROUPS:,} groups, each at {EACH} of {TOPICS} topics"
        baseline = ("one request at a time", alone)
        return [compared("groups, a look at all", taken, "ms", size, baseline)]


def _one_at_a_time(groups: ConfluentGroups, topics: list[str]) -> float:
    usual, confluent_groups.IN_FLIGHT = confluent_groups.IN_FLIGHT, 1
    try:
        return median_ms(lambda: groups.read(topics, 120.0), at_least=1)
    finally:
        confluent_groups.IN_FLIGHT = usual


@contextmanager
def _groups(settings: KafkaSettings) -> Iterator[list[str]]:
    """Give topics that groups have committed offsets of; all of it is removed again."""
    prefix = f"bench{secrets.token_hex(3)}"
    topics = [f"{prefix}.p{number}.v1" for number in range(TOPICS)]
    names = [f"{prefix}.g{number}" for number in range(GROUPS)]
    kafka, client = ConfluentKafkaAdmin(settings), AdminClient(settings.librdkafka())
    kafka.create_topics(TopicSpec(one, PARTITIONS, 1) for one in topics)
    try:
        for start in range(0, GROUPS, AT_ONCE):
            requests = [
                client.alter_consumer_group_offsets(
                    [ConsumerGroupTopicPartitions(name, list(_places(topics, number)))]
                )
                for number, name in enumerate(names[start : start + AT_ONCE], start)
            ]
            for request in requests:
                for future in request.values():
                    future.result(60)
        yield topics
    finally:
        for start in range(0, GROUPS, AT_ONCE):
            for future in client.delete_consumer_groups(names[start : start + AT_ONCE]).values():
                future.exception(60)
        kafka.delete_topics(topics)


def _places(topics: list[str], number: int) -> Iterator[TopicPartition]:
    for one in range(EACH):
        for partition in range(PARTITIONS):
            yield TopicPartition(topics[(number + one) % TOPICS], partition, 0)
