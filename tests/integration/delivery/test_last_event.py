"""A late event of a topic, read in a bounded time: what is there, and what is in the way."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Message

from streammesh.errors.platform import RequestFailed, Unreachable, WrongProtocol
from streammesh.platform.consumer import LATE, TopicReader
from streammesh.platform.settings import KafkaSettings
from tests.integration.delivery.conftest import Product

SECONDS = 10.0


@pytest.fixture
def reader(product: Product) -> Iterator[TopicReader]:
    with TopicReader(product.settings, f"{product.domain}.reader") as made:
        yield made


def header(found: Message | None) -> int:
    """Give the number that the event was written with."""
    assert found is not None
    headers = found.headers()
    assert headers is not None
    return int(dict(headers)["mesh.tx"])


def wait(reader: TopicReader, product: Product, count: int) -> None:
    """Wait for as many events: a commit has returned before its marks stand in all partitions."""
    deadline = time.monotonic() + 20
    while sum(map(len, reader.read(product.topic, "beginning", follow=False))) < count:
        assert time.monotonic() < deadline


def test_the_newest_of_all_partitions(reader: TopicReader, product: Product) -> None:
    product.commit([1, 2], partition=1)
    time.sleep(0.02)
    product.commit([3], partition=0)
    wait(reader, product, 3)
    assert header(reader.last(product.topic, SECONDS)) == 3
    time.sleep(0.02)
    product.commit([4], partition=2)
    wait(reader, product, 4)
    assert header(reader.last(product.topic, SECONDS)) == 4


def test_a_deleted_document_is_no_sample(reader: TopicReader, product: Product) -> None:
    product.commit([1, 2])
    time.sleep(0.02)
    product.commit([2], partition=1, deleted=True)
    wait(reader, product, 3)
    assert header(reader.last(product.topic, SECONDS)) == 2


def test_an_empty_topic_has_none_and_is_soon_read(reader: TopicReader, product: Product) -> None:
    began = time.monotonic()
    assert reader.last(product.topic, SECONDS) is None
    assert time.monotonic() - began < SECONDS / 2


def test_behind_many_that_are_none_one_is_found_from_the_beginning(
    reader: TopicReader, product: Product
) -> None:
    product.commit([1, 2])
    product.commit(range(LATE + 1), deleted=True)
    wait(reader, product, LATE + 3)
    assert header(reader.last(product.topic, SECONDS)) in (1, 2)


def test_what_is_not_committed_is_not_shown(reader: TopicReader, product: Product) -> None:
    product.commit([1])
    wait(reader, product, 1)
    product.producer.begin_transaction()
    product.put(range(2, LATE + 100))
    try:
        assert header(reader.last(product.topic, SECONDS)) == 1
    finally:
        product.producer.abort_transaction(30)
    assert header(reader.last(product.topic, SECONDS)) == 1


def test_nothing_is_kept_of_the_reader(reader: TopicReader, product: Product) -> None:
    product.commit([1])
    wait(reader, product, 1)
    assert header(reader.last(product.topic, SECONDS)) == 1
    groups = product.admin.list_consumer_groups().result(30)
    assert f"{product.domain}.reader" not in {one.group_id for one in groups.valid}


def test_a_topic_that_is_not_there_is_an_error(reader: TopicReader, product: Product) -> None:
    with pytest.raises(RequestFailed):
        reader.last(f"{product.topic}0", SECONDS)


def test_a_server_that_is_not_there_is_told_within_the_time() -> None:
    began = time.monotonic()
    with (
        TopicReader(KafkaSettings("127.0.0.1:1"), "nobody") as reader,
        pytest.raises((Unreachable, WrongProtocol)),
    ):
        reader.last("a.b.v1", 1.0)
    assert time.monotonic() - began < 2.5
