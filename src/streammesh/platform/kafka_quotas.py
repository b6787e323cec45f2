"""Client quotas of a real cluster, by kafka-python: confluent-kafka has no request for them.

KIP-546 describes the requests. A quota is a `consumer_byte_rate` of one user, whatever its client
id: bytes a second from each broker.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from streammesh.errors import MeshError
from streammesh.errors.platform import LoginFailed, RequestFailed, TooSlow, Unreachable
from streammesh.platform.kafka_failures import REQUEST_SECONDS, SYSTEM, refused
from streammesh.platform.settings import KafkaSettings

_RATE = "consumer_byte_rate"
_ANY_NAME = 2
"""Match type: every entity that has a name."""

_FILES = {
    "ssl.ca.location": "ssl_cafile",
    "ssl.certificate.location": "ssl_certfile",
    "ssl.key.location": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
}

logging.getLogger("kafka").setLevel(logging.CRITICAL)  # it would log settings, passwords too


@cache
def _kafka(module: str = "kafka") -> Any:
    """Give kafka-python: half a second that only those wait for whose files have consumers."""
    return import_module(module)


def _requests() -> Any:
    return _kafka("kafka.protocol.admin.client_quotas")


def _errors() -> Any:
    return _kafka("kafka.errors")


class KafkaQuotas:
    """The quotas of users; each call makes a connection of its own, since they are few."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connect with these settings when something is asked."""
        self._settings = settings

    def read(self) -> Mapping[str, float]:
        """See `KafkaAdmin.quotas`."""
        component = _requests().DescribeClientQuotasRequest.ComponentData(
            entity_type="user", match_type=_ANY_NAME, match=None
        )
        request = _requests().DescribeClientQuotasRequest(components=[component], strict=True)
        action = "list quotas"
        answer = self._send(request, action)
        self._check(answer.error_code, answer.error_message, action)
        return {
            entry.entity[0].entity_name: value.value
            for entry in answer.entries or ()
            for value in entry.values
            if value.key == _RATE
        }

    def write(self, name: str, rate: float | None) -> None:
        """Set the quota of a user; None takes it away."""
        alter = _requests().AlterClientQuotasRequest
        entry = alter.EntryData
        operation = entry.OpData(key=_RATE, value=rate or 0.0, remove=rate is None)
        entity = entry.EntityData(entity_type="user", entity_name=name)
        changed = entry(entity=[entity], ops=[operation])
        action = f"set the quota of `{name}`"
        answer = self._send(alter(entries=[changed], validate_only=False), action)
        for one in answer.entries:
            self._check(one.error_code, one.error_message, action)

    def _send(self, request: Any, action: str) -> Any:
        with self._failing(action), _kafka().KafkaAdminClient(**self._properties()) as client:
            # its public methods know no quotas; this is what they all call
            manager = client._manager
            return manager.run(manager.send, request)

    def _properties(self) -> dict[str, Any]:
        settings, milliseconds = self._settings, int(REQUEST_SECONDS * 1000)
        properties: dict[str, Any] = {
            "bootstrap_servers": settings.bootstrap_servers.split(","),
            "security_protocol": settings.security_protocol,
            "client_id": "streammesh",
            "request_timeout_ms": milliseconds,
            "bootstrap_timeout_ms": milliseconds,
        }
        if settings.security_protocol.startswith("SASL"):
            properties["sasl_mechanism"] = settings.sasl_mechanism
            properties["sasl_plain_username"] = settings.username
            properties["sasl_plain_password"] = settings.password
        files = {_FILES[key]: one for key, one in settings.more.items() if key in _FILES}
        return properties | files

    def _check(self, code: int, why: str | None, action: str) -> None:
        if code == _errors().ClusterAuthorizationFailedError.errno:
            raise refused(self._settings, action)
        if code:
            said = why or _errors().for_code(code).__name__
            raise RequestFailed(system=SYSTEM, action=action, why=said)

    @contextmanager
    def _failing(self, action: str) -> Iterator[None]:
        try:
            yield
        except _errors().KafkaError as error:
            raise self._explain(error, action) from error

    def _explain(self, error: Exception, action: str) -> MeshError:
        settings, errors = self._settings, _errors()
        address = settings.bootstrap_servers
        where = settings.places.get("bootstrap_servers")
        if isinstance(error, errors.SaslAuthenticationFailedError):
            user = settings.username or "anonymous"
            return LoginFailed(system=SYSTEM, address=address, user=user, where=where)
        if isinstance(error, errors.KafkaTimeoutError | errors.RequestTimedOutError):
            return TooSlow(system=SYSTEM, seconds=REQUEST_SECONDS, action=action)
        if isinstance(error, errors.KafkaConnectionError | errors.NoBrokersAvailable):
            return Unreachable(system=SYSTEM, address=address, where=where)
        return RequestFailed(system=SYSTEM, action=action, why=type(error).__name__)
