"""A version's life on the real stack: two side by side, notices, and the end of the older one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from streammesh.catalog.notice_book import moment
from streammesh.catalog.notices import DEPRECATED, Notice, Recipient
from streammesh.delivery.json_lines import JsonLines
from streammesh.documents import selection
from streammesh.documents.values import Secret
from streammesh.documents.workspace import load
from streammesh.errors import Location
from streammesh.errors.lifecycle import NotYet
from streammesh.notices.by_apprise import deliver
from streammesh.notices.channels import Channels
from streammesh.notices.events import NoticeEvents
from streammesh.notices.sending import Notifier
from streammesh.planning import service, stages
from streammesh.planning.lifecycle.deprecate import deprecate, retire, successor
from streammesh.planning.lifecycle.edits import write
from streammesh.planning.lifecycle.release import release
from streammesh.planning.lifecycle.windows import today
from streammesh.platform.compacted import CompactedTopic
from streammesh.platform.consumer import TopicReader
from streammesh.platform.decoding import Decoder
from streammesh.platform.notice_topic import KafkaNoticeTopic
from tests.conformance.conftest import kafka_settings
from tests.integration.planning.conftest import Shop
from tests.unit.notices.receivers import mail_server, webhook
from tests.unit.planning.lifecycle.conftest import DOMAIN, SUBSCRIPTION

pytestmark = pytest.mark.real


class Life:
    """The shop, with consumers of its own."""

    def __init__(self, shop: Shop, environ: dict[str, str]) -> None:
        self.shop = shop
        where = Location("mesh.toml")
        said = {"smtp": Secret("${SMTP}", where), "webhook": Secret("${HOOK}", where)}
        environment = replace(shop.environment, notices=said)
        kafka = kafka_settings(shop.stack.info())
        self.kafka, self.topic = kafka, environment.names.notices
        topic = KafkaNoticeTopic(kafka, environment.names)
        self.made = NoticeEvents(shop.platform.registry, environment.names)
        notifier = Notifier(topic, self.made, Channels(environment, environ, deliver))
        self.platform = replace(shop.platform, notifier=notifier)

    def subscribe(self, version: int) -> None:
        name = f"{self.shop.domain}c"
        folder = self.shop.root / "domains" / name
        (folder / "subscriptions").mkdir(parents=True, exist_ok=True)
        (folder / "domain.yaml").write_text(DOMAIN.format(name=name))
        text = SUBSCRIPTION.format(name="revenue", fields="order_id", version=version)
        text = text.replace("sales.orders", f"{self.shop.domain}.orders")
        (folder / "subscriptions/revenue.subscription.yaml").write_text(text)

    def events(self):
        """Give what the topic has, as `mesh consume` shows it, and how much can't be decoded."""
        lines = JsonLines(Decoder(self.platform.registry.schema))
        with TopicReader(self.kafka, f"{self.kafka.username}.notices") as reader:
            batches = reader.read(self.topic, "beginning", follow=False)
            shown = b"".join(map(lines.lines, batches))
        return [json.loads(one) for one in shown.splitlines()], lines.unreadable

    def plan(self):
        return service.plan(load(self.shop.root), self.shop.environment, self.platform)

    def apply(self):
        service.apply(self.plan(), self.platform)

    def port(self, major: int):
        workspace = load(self.shop.root)
        return workspace, selection.port(workspace, f"{self.shop.domain}.orders.v{major}")


def test_a_life(shop, monkeypatch):
    with mail_server() as mails, webhook() as hook:
        address = f"http://127.0.0.1:{hook.port}/"
        life = Life(shop, {"SMTP": mails.url, "HOOK": address})
        try:
            live(life, mails, hook, monkeypatch)
        finally:  # the shop that goes away has no consumers
            shutil.rmtree(shop.root / "domains" / f"{shop.domain}c" / "subscriptions")


def live(life: Life, mails, hook, monkeypatch) -> None:
    shop = life.shop
    v1, v2 = f"{shop.domain}.orders.v1", f"{shop.domain}.orders.v2"
    life.subscribe(1)
    life.apply()

    shop.edit("orders.v1.odcs.yaml", "- { name: name, logicalType", "- { name: full, logicalType")
    shop.edit("orders.v1.sql", "{name: c.name,", "{full: c.name,")
    workspace, port = life.port(1)
    found = release(workspace, port, life.platform.catalog.versions({shop.domain})[v1])
    assert found.version == "2.0.0"
    write(shop.root, found.edits)
    life.apply()
    kafka = life.platform.kafka
    assert {v1, v2} <= kafka.topics().keys()
    assert life.platform.registry.latest(f"{v2}-value") is not None

    workspace, port = life.port(1)
    until = today() + timedelta(weeks=8)
    edit = deprecate(workspace, port, until, instead=successor(workspace, port))
    write(shop.root, [edit])
    life.apply()
    assert [to for to, _ in mails.got] == ["revenue@example.com"]
    assert len(hook.got) == 1
    check_events(life, v1, v2)
    assert life.plan().empty

    write(shop.root, [retire(*life.port(1))])
    assert isinstance(life.plan().problems[0], NotYet)
    life.subscribe(2)
    [promise] = life.plan().problems
    assert promise.what == f"{v1} can't be retired yet: its last day is not past"
    monkeypatch.setattr(stages, "today", lambda: until + timedelta(days=1))
    life.apply()
    assert not {v1, f"_quarantine.{v1}"} & kafka.topics().keys()
    assert v2 in kafka.topics()
    assert not life.platform.registry.subjects(v1)
    assert not [one for one in kafka.acls() if v1 in one.name]
    assert life.plan().empty
    assert len(mails.got) == 1


def check_events(life: Life, v1: str, v2: str) -> None:
    """Read the product `mesh.notices`: its event, also beside a record of somebody else."""
    registry, consumer = life.platform.registry, f"{life.shop.domain}c/revenue"
    for part in ("key", "value"):
        assert registry.compatibility(f"{life.topic}-{part}") == "FULL_TRANSITIVE"
    before = life.events()[1]
    said = Notice("-", v1, life.shop.domain, DEPRECATED, "", "", "", "", {}, moment())
    foreign, _ = life.made.of(said, Recipient("-", "-", "-", "-", {}, ()))
    strange = CompactedTopic(life.kafka, life.topic)
    strange.write([(foreign, b'{"format": 1}')])
    try:
        shown, unreadable = life.events()
    finally:
        strange.write([(foreign, None)])
    [said] = [one["value"] for one in shown if (one.get("value") or {}).get("asset") == v1]
    assert (said["consumer"], said["instead"]) == (consumer, v2)
    assert unreadable == before + 1
    consumed = consume(life)
    assert f'"consumer":"{consumer}","kind":"deprecated","asset":"{v1}"' in consumed.stdout
    assert "could not be decoded" in consumed.stderr
    assert "Traceback" not in consumed.stderr
    found = life.platform.catalog.find("mesh.notices")
    assert life.platform.catalog.show(found.asset).topic == life.topic
    assert life.platform.catalog.search("notices")[0].product == "notices"


def consume(life: Life) -> subprocess.CompletedProcess[str]:
    """Read it as the domain's own reader does, on the command line."""
    root, reader = life.shop.stack.layout.home.parent, f"mesh.{life.shop.domain}.reader"
    command = ("-m", "streammesh.cli.main", "-C", str(root), "consume", "mesh.notices")
    return subprocess.run(
        [sys.executable, *command, "--as", reader], capture_output=True, text=True, check=False
    )
