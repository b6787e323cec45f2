"""What users may read at most, on the twin and on a real cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streammesh.errors.platform import ActionRefused, LoginFailed, RequestFailed, Unreachable
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.kafka import KafkaAdmin
from streammesh.platform.memory import MemoryKafkaAdmin
from streammesh.platform.settings import KafkaSettings
from tests.conformance.conftest import TWIN_AND_REAL, kafka_settings


@pytest.fixture(params=TWIN_AND_REAL)
def kafka(request, info, unique) -> Iterator[KafkaAdmin]:
    if request.param == "twin":
        yield MemoryKafkaAdmin()
        return
    admin = ConfluentKafkaAdmin(kafka_settings(info()))
    yield admin
    for name in admin.quotas():
        if unique in name:
            admin.delete_quota(name)


def test_a_quota_is_set_changed_and_taken_away(kafka, unique):
    assert unique not in kafka.quotas()
    kafka.put_quota(unique, consumer_byte_rate=1_000_000)
    assert kafka.quotas()[unique] == 1_000_000
    kafka.put_quota(unique, consumer_byte_rate=2_500_000.5)
    assert kafka.quotas()[unique] == 2_500_000.5
    kafka.delete_quota(unique)
    assert unique not in kafka.quotas()
    kafka.delete_quota(unique)


@pytest.mark.parametrize("suffix", [".loader", "@example.com", " CN=a, O=b", "ü", ":x", "*"])
def test_names_of_every_kind_are_kept_apart(kafka, unique, suffix):
    kafka.put_quota(unique + suffix, consumer_byte_rate=1000)
    kafka.put_quota(unique, consumer_byte_rate=2000)
    quotas = kafka.quotas()
    assert (quotas[unique + suffix], quotas[unique]) == (1000, 2000)
    kafka.delete_quota(unique + suffix)
    assert [name for name in kafka.quotas() if unique in name] == [unique]


@pytest.mark.parametrize("rate", [0, -5])
def test_a_quota_of_nothing_is_refused(kafka, unique, rate):
    with pytest.raises(RequestFailed, match=unique):
        kafka.put_quota(unique, consumer_byte_rate=rate)
    assert unique not in kafka.quotas()


@pytest.fixture
def stranger(info, unique) -> Iterator[ConfluentKafkaAdmin]:
    settings = kafka_settings(info())
    admin = ConfluentKafkaAdmin(settings)
    admin.put_user(unique, "pass")
    yield ConfluentKafkaAdmin(settings.with_user(unique, "pass"))
    admin.delete_user(unique)


@pytest.mark.real
def test_who_has_no_rights_is_told_so(stranger, unique):
    with pytest.raises(ActionRefused, match=unique):
        stranger.quotas()
    with pytest.raises(ActionRefused, match=unique):
        stranger.put_quota("somebody", consumer_byte_rate=1)


@pytest.mark.real
def test_a_wrong_password_is_named_and_never_shown(info, unique):
    settings = kafka_settings(info()).with_user(unique, "s3cret-word")
    admin = ConfluentKafkaAdmin(settings)
    for call in (admin.quotas, lambda: admin.put_quota("x", consumer_byte_rate=1)):
        with pytest.raises(LoginFailed, match=unique) as failure:
            call()
        assert "s3cret-word" not in str(failure.value.as_dict())


def test_a_server_that_is_not_there_is_named(capfd):
    admin = ConfluentKafkaAdmin(KafkaSettings("127.0.0.1:1"))
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        admin.quotas()
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        admin.put_quota("x", consumer_byte_rate=1)
    assert capfd.readouterr() == ("", "")
