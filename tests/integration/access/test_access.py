"""Access on a real cluster: granted, used with the password handed over, refused elsewhere, cut."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from streammesh.cli.handing_over import HandOver
from streammesh.cli.platform import admin_kafka
from streammesh.planning.access import deciding
from streammesh.planning.access.deciding import Approval
from streammesh.planning.access.doing import Done
from tests.integration.planning.conftest import Shop

CUT_SECONDS = 10
_DENIED = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)


class Subscriber:
    """A consuming domain beside the shop's, its application, and who decides about it."""

    def __init__(self, shop: Shop, root) -> None:
        self.shop, self.file = shop, root / "loads.secret"
        self.consumers: list[Consumer] = []
        self.domain = f"{shop.domain}m"
        self.name, self.principal = f"{self.domain}/loads", f"mesh.{self.domain}.loader"
        self.topic, self.other = f"{shop.domain}.orders.v1", f"{shop.domain}.customers.v1"
        folder = shop.root / "domains" / self.domain
        (folder / "subscriptions").mkdir(parents=True)
        head = "apiVersion: streammesh/v1\nkind: {}\nname: {}\n"
        owner = "owner: { team: m, email: m@example.com }\n"
        (folder / "domain.yaml").write_text(head.format("Domain", self.domain) + owner)
        (folder / "subscriptions" / "loads.subscription.yaml").write_text(
            head.format("Subscription", "loads")
            + f"consumer: loader\nproduct: {shop.domain}.orders\nversion: 1\npurpose: reports\n"
            "contact: { email: m@example.com }\ndeliver: { to: python }\n"
        )

    def approve(self) -> Done:
        return deciding.approve(
            self.shop.environment,
            self.shop.platform,
            self.name,
            Approval("a test"),
            credentials=HandOver(self.file),
        )

    def revoke(self) -> Done:
        return deciding.revoke(
            self.shop.environment, self.shop.platform, self.name, reason="the test is over"
        )

    def settings(self) -> dict[str, str | int | float | bool]:
        admin = admin_kafka(self.shop.stack.layout.home.parent, self.shop.environment)
        password = self.file.read_text().strip()
        return admin.with_user(self.principal, password).librdkafka()

    def consumer(self, topic: str, group: str) -> Consumer:
        settings = {"group.id": group, "auto.offset.reset": "earliest"}
        one = Consumer(self.settings() | settings)
        one.subscribe([topic])
        self.consumers.append(one)
        return one

    def write(self, number: int) -> None:
        admin = admin_kafka(self.shop.stack.layout.home.parent, self.shop.environment)
        producer = Producer(admin.librdkafka())
        producer.produce(self.topic, key=str(number), value=str(number))
        assert producer.flush(10) == 0


@pytest.fixture
def subscriber(shop, tmp_path) -> Iterator[Subscriber]:
    one = Subscriber(shop, tmp_path)
    shop.apply()
    yield one
    for consumer in one.consumers:  # who still reads a product keeps it from being removed
        consumer.close()
    for path in shop.root.rglob("*.subscription.yaml"):
        path.unlink()
    shop.apply()
    assert not [acl for acl in shop.platform.kafka.acls() if acl.principal == one.principal]
    assert one.principal not in shop.platform.kafka.quotas()
    assert one.principal not in shop.platform.kafka.users()
    shutil.rmtree(shop.root / ".mesh")  # the catalog, which knows who read the shop's product today


def outcome(consumer: Consumer, seconds: float = 15.0) -> str | int:
    """Give the first value that is read, or the code of the error that refuses it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is None:
            continue
        error = message.error()
        if error is None:
            return (message.value() or b"").decode()
        if error.code() in _DENIED:
            return int(error.code())
    return "nothing came"


def test_access_is_granted_used_refused_elsewhere_and_cut_within_seconds(
    subscriber, record_property
):
    kafka = subscriber.shop.platform.kafka
    assert not [acl for acl in kafka.acls() if acl.principal == subscriber.principal]
    assert subscriber.principal not in kafka.users()

    assert subscriber.approve().made == (subscriber.principal,)
    assert kafka.quotas()[subscriber.principal] == 20_000_000
    assert subscriber.shop.plan().steps == ()
    subscriber.write(1)
    consumer = subscriber.consumer(subscriber.topic, f"{subscriber.principal}.reports")
    assert outcome(consumer) == "1"

    elsewhere = subscriber.consumer(subscriber.other, f"{subscriber.principal}.more")
    assert outcome(elsewhere) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    foreign = subscriber.consumer(subscriber.topic, f"{subscriber.principal}-reports")
    assert outcome(foreign) == KafkaError.GROUP_AUTHORIZATION_FAILED
    writer = Producer(subscriber.settings())
    refused: list[int] = []
    writer.produce(
        subscriber.topic, b"x", on_delivery=lambda error, _: refused.append(error.code())
    )
    writer.flush(15)
    assert refused == [KafkaError.TOPIC_AUTHORIZATION_FAILED]

    begun = time.monotonic()
    done = subscriber.revoke()
    told = time.monotonic() - begun
    subscriber.write(2)
    found = outcome(consumer)
    if found == "2":  # a fetch that already waited at the broker is answered; no other is
        subscriber.write(3)
        found = outcome(consumer)
    assert found in _DENIED
    cut = time.monotonic() - begun
    record_property("seconds until revoke returned", round(told, 2))
    record_property("seconds until reading stopped", round(cut, 2))
    assert cut < CUT_SECONDS
    assert done.removed == (subscriber.principal,)
    assert done.left == ()
    assert {acl.name for acl in done.cut} == {
        subscriber.topic,
        subscriber.shop.environment.names.notices,
        f"{subscriber.principal}.",
    }
    with pytest.raises(KafkaException):
        Consumer(subscriber.settings() | {"group.id": f"{subscriber.principal}.x"}).list_topics(
            timeout=5
        )


def test_what_waits_reads_nothing(subscriber):
    password = secrets.token_urlsafe(12)
    subscriber.file.write_text(password)
    with pytest.raises(KafkaException):
        Consumer(subscriber.settings() | {"group.id": f"{subscriber.principal}.x"}).list_topics(
            timeout=5
        )
    assert subscriber.shop.platform.catalog.access({subscriber.domain})[0].state == "requested"
