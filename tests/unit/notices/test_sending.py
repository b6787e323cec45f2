"""Each thing is told to each consumer once, whatever fails in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.notice_book import NoticeBook
from streammesh.catalog.notices import FIRST, Recipient
from streammesh.errors import ExitCode
from streammesh.errors.lifecycle import NoticesUndelivered
from streammesh.errors.platform import Unreachable
from streammesh.notices.sending import ENOUGH_FAILURES, Notifier
from streammesh.platform.memory.notices import MemoryNoticeTopic
from streammesh.platform.memory.registry import MemoryRegistry
from tests.conformance.catalogs import product, shop, subscription
from tests.unit.notices.registered import events, read, registered
from tests.unit.notices.test_due import MADE, UNTIL, notice

ASSET = "sales.orders.v1"
NAMES = ("campaigns", "letters")


@dataclass
class Post:
    """Channels that keep what they were given; some fail."""

    failing: set[str] = field(default_factory=set)
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    tried: int = 0

    def ways(self, recipient: Recipient) -> tuple[str, ...]:
        return ("email",)

    def send(self, channel, recipient, message) -> str:
        self.tried += 1
        if recipient.consumer in self.failing or "*" in self.failing:
            return "the server hung up"
        self.sent.append((channel, recipient.consumer, message.subject))
        return ""


@dataclass
class World:
    catalog: Catalog
    topic: MemoryNoticeTopic = field(default_factory=MemoryNoticeTopic)
    registry: MemoryRegistry = field(default_factory=registered)
    post: Post = field(default_factory=Post)
    today: date = MADE

    @property
    def notifier(self) -> Notifier:
        return Notifier(self.topic, events(self.registry), self.post, lambda: self.today)

    def send(self):
        return self.notifier.send(self.catalog, [ASSET])

    def subscribe(self, *names: str) -> None:
        parts = [subscription(one, ASSET, ("order_id",)) for one in names]
        records = shop(
            scope=frozenset({"marketing"}),
            domains=(),
            products=(),
            ports=(),
            versions=(),
            fields=(),
            subscriptions=tuple(one for one, _ in parts),
            subscription_fields=tuple(field for _, fields in parts for field in fields),
        )
        self.catalog.record(records, who="ann", commit="")

    def make(self, *names: str) -> None:
        people = [
            Recipient(notice().notice, f"marketing/{one}", "marketing", "app", {}, ())
            for one in names
        ]
        NoticeBook(self.catalog).make(notice(), people)


@pytest.fixture
def world(tmp_path):
    catalog = Catalog.open(f"sqlite:///{tmp_path}/catalog.db")
    catalog.record(shop(products=(product("orders"),)), who="ann", commit="")
    one = World(catalog)
    one.subscribe(*NAMES)
    one.make(*NAMES)
    yield one
    catalog.close()


def test_all_are_told_once(world):
    assert len(world.send().delivered) == 4
    assert [who for _, who, _ in world.post.sent] == ["marketing/campaigns", "marketing/letters"]
    found = read(world.registry, world.topic.events)
    assert [value["consumer"] for _, value in found] == [
        "marketing/campaigns",
        "marketing/letters",
    ]
    assert world.send().delivered == ()
    assert len(world.post.sent) == len(world.topic.written) == 2


def test_what_fails_is_told_and_tried_again_and_nobody_gets_it_twice(world):
    world.post.failing = {"marketing/campaigns"}
    sent = world.send()
    assert (len(sent.delivered), len(sent.failed)) == (3, 1)
    with pytest.raises(NoticesUndelivered) as caught:
        sent.check()
    assert caught.value.exit_code == ExitCode.REMOTE_FAILED
    assert "email to marketing/campaigns: the server hung up" in str(caught.value.why)
    world.post.failing = set()
    [done] = world.send().delivered
    assert (done.consumer, done.channel) == ("marketing/campaigns", "email")
    assert sorted(who for _, who, _ in world.post.sent) == [
        "marketing/campaigns",
        "marketing/letters",
    ]


def test_a_server_that_only_fails_is_left_alone_for_a_while(world):
    many = [f"app{number}" for number in range(10)]
    world.subscribe(*NAMES, *many)
    world.make(*many)
    world.post.failing = {"*"}
    sent = world.send()
    assert world.post.tried == len(sent.failed) == ENOUGH_FAILURES
    assert sent.waiting == 12 - ENOUGH_FAILURES
    assert len(sent.delivered) == 12  # the topic does not hang on the mail server
    world.post.failing = set()
    assert len(world.send().delivered) == 12
    assert len(world.post.sent) == 12


def test_kafka_that_is_away_keeps_no_mail_back(world, monkeypatch):
    def away(_):
        raise Unreachable(system="Kafka", address="127.0.0.1:9092")

    with monkeypatch.context() as patched:
        patched.setattr(world.topic, "write", away)
        sent = world.send()
    assert [one.channel for one in sent.failed] == ["event", "event"]
    assert len(world.post.sent) == 2
    assert [one.channel for one in world.send().delivered] == ["event", "event"]


def test_one_that_is_killed_while_it_sends_leaves_it_to_the_next(world, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(world.post, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            world.send()
    assert len(world.send().delivered) == 3
    assert len(world.post.sent) == 2


def test_who_moved_is_not_told_any_more(world):
    world.subscribe("letters")
    assert {one.consumer for one in world.send().delivered} == {"marketing/letters"}


def test_reminders_are_sent_once_each(world):
    world.send()
    for days in (28, 27, 7, 7, 1, 0):
        world.today = UNTIL - timedelta(days=days)
        world.send()
    subjects = [subject for _, who, subject in world.post.sent if who.endswith("letters")]
    assert [one.partition(":")[0] for one in subjects[1:]] == [
        "Reminder, 4 weeks before",
        "Reminder, 1 week before",
        "Reminder, 1 day before",
    ]
    assert len(world.topic.written) == 2


def test_an_older_notice_of_a_version_holds_no_more(world):
    newer = replace(
        notice("2027-05-01"), made_at=f"{MADE + timedelta(days=1)}T00:00:00.000000+00:00"
    )
    people = [Recipient(newer.notice, "marketing/letters", "marketing", "app", {}, ())]
    NoticeBook(world.catalog).make(newer, people)
    assert {one.notice for one in world.send().delivered} == {newer.notice}
    assert all(one.occasion == FIRST for one in world.send().delivered)
