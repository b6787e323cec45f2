"""The topic of notices, its twin and the real one."""

from __future__ import annotations

from functools import partial

import pytest

from streammesh.errors.platform import Missing
from streammesh.planning.wanting.product_wants import store_topics
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.consumer import TopicReader
from streammesh.platform.memory.notices import MemoryNoticeTopic
from streammesh.platform.notice_topic import KafkaNoticeTopic
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings

X, Y = b"\x00\x00\x00\x00\xfex", b"\x00\x00\x00\x00\xfey"
"""Keys as Avro has them: bytes that are no text."""

EVENTS = [(X, b"1"), (Y, b"2"), (X, b"3")]


def newest(settings, topic):
    """Read the topic as consumers do; the newest event of a key is what counts."""
    with TopicReader(settings, f"{settings.username}.notices") as reader:
        batches = reader.read(topic, "beginning", follow=False)
        return {one.key(): one.value() for batch in batches for one in batch}


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
        yield KafkaNoticeTopic(settings, names), partial(newest, settings, names.notices)
    finally:
        admin.delete_topics([names.notices])


def test_the_newest_event_of_a_key_holds(topic):
    written, read = topic
    written.write(EVENTS)
    assert read() == {X: b"3", Y: b"2"}


@pytest.mark.real
def test_without_its_topic_it_says_so(names, info):
    with pytest.raises(Missing, match=r"mesh\.notices"):
        KafkaNoticeTopic(kafka_settings(info()), names).write(EVENTS)
