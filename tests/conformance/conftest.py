"""Each system outside twice: its twin, and the real one of the shared stack."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from streammesh.documents.names import Names
from streammesh.local.info import StackInfo
from streammesh.platform.settings import KafkaSettings

TWIN_AND_REAL = ["twin", pytest.param("real", marks=pytest.mark.real)]


@pytest.fixture
def unique() -> str:
    """Give a name that no other test has, such as `c1f3a9b2c4`."""
    return "c" + uuid.uuid4().hex[:9]


@pytest.fixture
def names(unique: str) -> Names:
    """Give the names of an environment of this test's own."""
    return Names(unique)


@pytest.fixture
def info(request: pytest.FixtureRequest) -> Callable[[], StackInfo]:
    """Give what asks for the stack only when it is called, so that twins never start it."""
    return lambda: request.getfixturevalue("stack").info()


def kafka_settings(info: StackInfo) -> KafkaSettings:
    """Reach the stack's Kafka as its admin."""
    return KafkaSettings(
        info.bootstrap_servers,
        info.security_protocol,
        info.sasl_mechanism,
        info.admin_username,
        info.admin_password,
    )
