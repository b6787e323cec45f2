"""Messages reach real receivers, and what goes wrong is said without a secret."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from streammesh.catalog.notices import FIRST, Recipient
from streammesh.documents.values import Environment, Secret
from streammesh.errors import Location
from streammesh.errors.documents import MissingSecret
from streammesh.errors.lifecycle import BadNoticeAddress
from streammesh.notices.by_apprise import deliver
from streammesh.notices.channels import Channels
from streammesh.notices.message import Message, message
from tests.unit.notices.receivers import free_port, mail_server, webhook
from tests.unit.notices.test_due import notice

CONTACT = {"email": "campaigns@example.com", "chat": "#campaigns"}
WHO = Recipient(notice().notice, "marketing/campaigns", "marketing", "loader", CONTACT, ("id",))
SAID = message(replace(notice(), notes="## Größe\n\n- `a` <b>"), WHO, FIRST)


@pytest.fixture
def mails():
    with mail_server() as server:
        yield server


@pytest.fixture
def hook():
    with webhook() as server:
        yield server


def test_a_mail_goes_to_the_contact_as_it_was_written(mails):
    assert deliver("email", mails.url, WHO, SAID) == ""
    [(address, mail)] = mails.got
    assert address == "campaigns@example.com"
    assert mail["subject"] == SAID.subject
    assert mail["from"].addresses[0].addr_spec == "mesh@example.com"
    body = mail.get_body(("plain",)).get_content()
    assert body.replace("\r\n", "\n").strip() == SAID.body.strip()


def test_a_mail_server_that_refuses_or_is_away_is_told(mails):
    mails.refused.add("campaigns@example.com")
    assert "550" in deliver("email", mails.url, WHO, SAID)
    away = f"mailto://ann:s3cret-pass@127.0.0.1:{free_port()}?from=mesh@example.com"
    problem = deliver("email", away, WHO, SAID)
    assert problem
    assert "s3cret-pass" not in problem


def test_a_webhook_gets_the_notice_as_json(hook):
    address = f"http://127.0.0.1:{hook.port}/mesh/notices?token=t0psecret"
    assert deliver("webhook", address, WHO, SAID) == ""
    [(path, body)] = hook.got
    assert path == "/mesh/notices?token=t0psecret"
    assert (body["notice"], body["consumer"]) == (notice().notice, "marketing/campaigns")
    assert body["title"] == SAID.subject
    assert body["message"].strip() == SAID.body.strip()


def test_a_webhook_that_fails_is_told_without_its_address(hook):
    hook.status = 503
    problem = deliver("webhook", f"http://127.0.0.1:{hook.port}/hidden-path", WHO, SAID)
    assert "503" in problem
    assert "hidden-path" not in problem


def test_a_chat_channel_has_an_address_of_its_own(hook):
    assert deliver("chat", f"json://127.0.0.1:{hook.port}/room", WHO, Message("a", "b")) == ""
    assert hook.got[0][0] == "/room"


def test_nothing_of_it_reaches_a_log(hook, caplog, capsys):
    hook.status = 500
    with caplog.at_level(logging.DEBUG):
        deliver("webhook", f"http://127.0.0.1:{hook.port}/hidden-path?a=b0123456789", WHO, SAID)
    said = capsys.readouterr()
    assert "hidden-path" not in caplog.text
    assert "b0123456789" not in caplog.text
    assert said.out + said.err == ""


@pytest.mark.parametrize("address", ["", "nonsense", "nosuch://a", "https://"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match="webhook"):
        deliver("webhook", address, WHO, SAID)


def environment() -> Environment:
    where = Location("mesh.toml", 5)
    notices = {"smtp": Secret("${SMTP_URL}", where), "webhook": Secret("${HOOK}", where)}
    chats = {"#campaigns": Secret("${CHAT}", where)}
    return Environment("local", None, "", {}, {}, {}, {}, where, notices=notices, chats=chats)


def test_a_consumer_is_told_by_the_ways_that_there_are():
    channels = Channels(environment(), {}, deliver)
    assert channels.ways(WHO) == ("email", "chat", "webhook")
    assert channels.ways(replace(WHO, contact={"chat": "#other"})) == ("webhook",)
    bare = replace(environment(), notices={}, chats={})
    assert Channels(bare, {}, deliver).ways(WHO) == ()


def test_addresses_are_references_and_what_is_wrong_with_them_is_told_by_place(hook):
    with pytest.raises(MissingSecret, match="HOOK"):
        Channels(environment(), {}, deliver).send("webhook", WHO, SAID)
    with pytest.raises(BadNoticeAddress) as caught:
        Channels(environment(), {"HOOK": "s3cret"}, deliver).send("webhook", WHO, SAID)
    assert "s3cret" not in f"{caught.value.what}{caught.value.why}"
    assert caught.value.where.line == 5
    environ = {"CHAT": f"json://127.0.0.1:{hook.port}/"}
    assert Channels(environment(), environ, deliver).send("chat", WHO, SAID) == ""
