"""The topic of notices, its twin and the real one."""

from __future__ import annotations

import pytest

from streammesh.errors.platform import Missing
from streammesh.planning.product_wants import store_topics
from streammesh.platform.compacted import CompactedTopic
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.memory.notices import MemoryNoticeTopic
from streammesh.platform.notice_topic import KafkaNoticeTopic
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings

EVENTS = [("a/x", b"1"), ("a/y", b"2"), ("a/x", b"3")]


@pytest.fixture(params=TWIN_AND_REAL)
def topic(request, names, info):
    """Give the topic, and what reads it whole."""
    if request.param == "twin":
        twin = MemoryNoticeTopic()
        yield twin, lambda: twin.events
        return
    settings = kafka_settings(info())
    admin = ConfluentKafkaAdmin(settings)
    [spec] = [one for one in store_topics(names, {}).values() if one.name == names.notices]
    admin.create_topics([spec])
    try:
        yield KafkaNoticeTopic(settings, names), CompactedTopic(settings, names.notices).read
    finally:
        admin.delete_topics([names.notices])


def test_the_newest_event_of_a_key_holds(topic):
    written, read = topic
    written.write(EVENTS)
    assert read() == {"a/x": b"3", "a/y": b"2"}


@pytest.mark.real
def test_without_its_topic_it_says_so(names, info):
    with pytest.raises(Missing, match=r"mesh\.notices"):
        KafkaNoticeTopic(kafka_settings(info()), names).write(EVENTS)
