"""A fatal error of librdkafka's that meets a log line is still the error that it was."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

from streammesh.platform.confluent_streams import ConfluentWriter
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import WriterFenced


def fails(*_: object) -> None:
    """Fail as Python does where an exception was set while something else was called."""
    try:
        raise KafkaException(KafkaError(KafkaError._FENCED))
    except KafkaException as fatal:
        raise SystemError("returned a result with an exception set") from fatal


def writer(**calls: object) -> ConfluentWriter:
    fine = {name: lambda *_, **__: 0 for name in ("produce", "poll", "flush", "commit_transaction")}
    made = ConfluentWriter(KafkaSettings("localhost:1"), "id", "topic", 1000)
    made._producer = SimpleNamespace(**(fine | {"abort_transaction": fails} | calls))
    return made


@pytest.mark.parametrize("call", ["flush", "commit_transaction", "poll"])
def test_a_commit_that_is_fenced_says_so(call: str) -> None:
    with pytest.raises(WriterFenced):
        writer(**{call: fails}).commit()


def test_a_write_that_is_fenced_says_so() -> None:
    with pytest.raises(WriterFenced):
        writer(poll=fails).write([])


def test_another_system_error_is_none_of_kafkas() -> None:
    def broken(*_: object) -> None:
        raise SystemError("something else")

    with pytest.raises(SystemError):
        writer(flush=broken).commit()
