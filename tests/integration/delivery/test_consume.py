"""`mesh consume` against a real broker and registry: what it shows, and what it never shows."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from streammesh.errors.platform import LoginFailed, Unreachable
from streammesh.local.stack import Stack
from streammesh.platform.consumer import TopicReader
from streammesh.platform.settings import KafkaSettings
from tests.integration.delivery.conftest import Product

MESH = [sys.executable, "-m", "streammesh.cli.main"]


def command(stack: Stack, product: Product, *arguments: str) -> list[str]:
    root = str(stack.layout.home.parent)
    return [*MESH, "-C", root, "consume", product.label, "--as", "admin", *arguments]


def consume(stack: Stack, product: Product, *arguments: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        command(stack, product, *arguments), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def ids(events: list[dict[str, Any]]) -> list[int]:
    return [event["key"]["id"] for event in events]


def test_an_event_has_key_value_headers_and_place(stack: Stack, product: Product) -> None:
    product.commit([7], partition=2)
    (event,) = consume(stack, product)
    moment = event.pop("time")
    assert event == {
        "key": {"id": 7},
        "value": {"id": 7, "amount": "7.50"},
        "headers": {"mesh.tx": "7"},
        "partition": 2,
        "offset": 0,
    }
    assert abs(datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds() < 60


def test_a_deleted_document_is_null(stack: Stack, product: Product) -> None:
    product.commit([1])
    product.commit([1], deleted=True)
    assert [event["value"] for event in consume(stack, product)] == [
        {"id": 1, "amount": "1.50"},
        None,
    ]


def test_only_committed_events_are_shown(stack: Stack, product: Product) -> None:
    product.commit([1, 2])
    product.producer.begin_transaction()
    product.put([3])
    product.producer.abort_transaction(30)
    product.commit([4], partition=1)
    product.producer.begin_transaction()
    product.put([5])
    assert sorted(ids(consume(stack, product))) == [1, 2, 4]
    product.producer.commit_transaction(30)
    assert sorted(ids(consume(stack, product))) == [1, 2, 4, 5]


def test_an_empty_product_ends_at_once(stack: Stack, product: Product) -> None:
    assert consume(stack, product) == []


def test_start_and_limit(stack: Stack, product: Product) -> None:
    product.commit([1, 2, 3])
    time.sleep(0.05)
    between = datetime.now(UTC).isoformat()
    time.sleep(0.05)
    product.commit([4, 5])
    assert ids(consume(stack, product, "-n", "2")) == [1, 2]
    assert ids(consume(stack, product, "--from", between)) == [4, 5]
    assert ids(consume(stack, product, "--from", between, "-n", "1")) == [4]
    assert ids(consume(stack, product, "--from", "1h")) == [1, 2, 3, 4, 5]
    assert consume(stack, product, "--from", "end") == []


def test_following_shows_a_new_event_quickly_and_ends_by_ctrl_c(
    stack: Stack, product: Product
) -> None:
    product.commit([1])
    with subprocess.Popen(
        command(stack, product, "--follow"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as following:
        assert following.stdout is not None
        assert following.stderr is not None
        assert json.loads(following.stdout.readline())["key"] == {"id": 1}
        started = time.monotonic()
        product.commit([2])
        assert json.loads(following.stdout.readline())["key"] == {"id": 2}
        assert time.monotonic() - started < 5
        following.send_signal(signal.SIGINT)
        assert following.wait(20) == 130
        assert following.stderr.read().strip() == b""


def test_an_event_that_is_none_does_not_hide_the_others(stack: Stack, product: Product) -> None:
    product.commit([1])
    product.producer.begin_transaction()
    product.producer.produce(product.topic, b"{}", b"\1", 0)
    product.producer.commit_transaction(30)
    product.commit([2])
    done = subprocess.run(command(stack, product), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "1 events" in done.stderr
    first, bad, last = (json.loads(line) for line in done.stdout.splitlines())
    assert ids([first, last]) == [1, 2]
    assert (bad["value_bytes"], "value" in bad) == (b"{}".hex(), False)


def test_the_newest_version_is_read_unless_another_is_asked_for(
    stack: Stack, product: Product
) -> None:
    product.commit([1])
    newer = product.topic.removesuffix("1") + "2"
    product.create(newer)
    try:
        assert consume(stack, product) == []
        assert ids(consume(stack, product, "--version", "1")) == [1]
    finally:
        product.admin.delete_topics([newer])[newer].result(30)


@pytest.mark.parametrize("principal", ["admin", "mesh.connect"])
def test_no_topic_and_no_right_are_one_error(
    stack: Stack, product: Product, principal: str
) -> None:
    label = "nowhere.things" if principal == "admin" else product.label
    root = str(stack.layout.home.parent)
    done = subprocess.run(
        [*MESH, "-C", root, "consume", label, "--as", principal], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert f"there is no `{label}` that `{principal}` may read" in done.stderr
    assert "one answer" in done.stderr


def test_an_unknown_principal_is_named_with_the_known_ones(stack: Stack, product: Product) -> None:
    done = subprocess.run([*command(stack, product)[:-1], "nobody"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "`nobody` is no principal" in done.stderr
    assert "admin" in done.stderr


def test_a_refused_login_and_a_missing_broker_end_soon(product: Product) -> None:
    started = time.monotonic()
    wrong = product.settings.with_user("admin", "wrong")
    with TopicReader(wrong, "test") as reader, pytest.raises(LoginFailed):
        reader.topics()
    nowhere = KafkaSettings("127.0.0.1:1")
    with TopicReader(nowhere, "test") as reader, pytest.raises(Unreachable):
        reader.topics()
    assert time.monotonic() - started < 30


def test_nothing_is_left_behind_under_a_group(stack: Stack, product: Product) -> None:
    product.commit([1])
    consume(stack, product)
    groups = product.admin.list_consumer_groups(request_timeout=20).result()
    assert [one.group_id for one in groups.valid if one.group_id.endswith(".consume")] == []
