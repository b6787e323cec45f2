"""What librdkafka reports, as errors that a person understands."""

from __future__ import annotations

from concurrent.futures import Future, TimeoutError
from time import monotonic
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException

from streammesh.errors import MeshError
from streammesh.errors.platform import (
    ActionRefused,
    LoginFailed,
    NoAuthorizer,
    RequestFailed,
    SettingWrong,
    TlsFailed,
    TooSlow,
    Unreachable,
)
from streammesh.platform.settings import KafkaSettings

REQUEST_SECONDS = 8.0
"""How long one request may take; a call of several has this for each."""

FIRST_CONNECTION_SECONDS = 3.0
"""How long a client tries to reach servers that refuse it, before it was ever connected."""

SYSTEM = "Kafka"

_DENIED = {
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}
_LOGIN = {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED}
_SLOW = {
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError._MSG_TIMED_OUT,
    KafkaError.REQUEST_TIMED_OUT,
}
_CUT_OFF = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}

T = TypeVar("T")


class ConnectionWatch:
    """Remembers why a client has no connection: its requests only ever say "timed out".

    `on_error` is given to the client as `error_cb`; it is called while the client is polled.
    """

    def __init__(self, settings: KafkaSettings) -> None:
        """Watch a client that was made with these settings."""
        self._settings = settings
        self._cause: KafkaError | None = None
        self._started = monotonic()
        self.connected = False

    def on_error(self, error: KafkaError) -> None:
        """Keep the cause that says most: a refused login rather than a lost connection."""
        if self._cause is None or error.code() in _LOGIN or error.code() == KafkaError._SSL:
            self._cause = error

    def waits(self) -> None:
        """Count the time from now on, as a request is waited for."""
        self._started = monotonic()

    def clear(self) -> None:
        """Forget the cause: the connection stands."""
        self._cause = None
        self.connected = True

    @property
    def hopeless(self) -> bool:
        """Whether waiting won't help: login or TLS failed, or nobody has answered for seconds."""
        if self._cause is None:
            return False
        if self._cause.code() in {*_LOGIN, KafkaError._SSL}:
            return True
        return not self.connected and monotonic() - self._started > FIRST_CONNECTION_SECONDS

    def explain(self, error: KafkaError, action: str) -> MeshError:
        """Give the error for a request that failed.

        Args:
            error: what the request gave.
            action: what it was to do, such as "create topic `x`".
        """
        no_answer = error.code() in _SLOW | _CUT_OFF
        return explain(self._cause or error if no_answer else error, self._settings, action)


def explain(error: KafkaError, settings: KafkaSettings, action: str) -> MeshError:
    """Give the error for what librdkafka or a broker reported."""
    code, why = error.code(), error.str()
    user = settings.username or "anonymous"
    if code in _SLOW:
        return TooSlow(system=SYSTEM, seconds=REQUEST_SECONDS, action=action)
    if code in _DENIED:
        return ActionRefused(system=SYSTEM, user=user, action=action)
    if code in _LOGIN | _CUT_OFF | {KafkaError._SSL, KafkaError.SECURITY_DISABLED}:
        return _no_connection(code, settings.bootstrap_servers, user, why)
    return RequestFailed(system=SYSTEM, action=action, why=why)


def _no_connection(code: int, address: str, user: str, why: str) -> MeshError:
    if code in _LOGIN:
        return LoginFailed(system=SYSTEM, address=address, user=user)
    if code == KafkaError._SSL:
        return TlsFailed(system=SYSTEM, address=address, why=why)
    if code == KafkaError.SECURITY_DISABLED:
        return NoAuthorizer(address=address)
    return Unreachable(system=SYSTEM, address=address, why=why)


def bad_setting(error: KafkaException) -> SettingWrong:
    """Give the error for settings that no client can be made with."""
    return SettingWrong(setting="kafka", system=SYSTEM, problem=error.args[0].str())


def wait(future: Future[T], client: Any, watch: ConnectionWatch, action: str) -> T:
    """Wait for the result of an admin request, and give up early when waiting can't help.

    Args:
        future: what the request returned.
        client: the client, polled so that its `error_cb` is called.
        watch: the client's own.
        action: what the request is to do, for the error.

    Raises:
        MeshError: what `ConnectionWatch.explain` gives.
        KafkaException: the broker answered with an error.
    """
    deadline = monotonic() + REQUEST_SECONDS + 1
    watch.waits()
    while True:
        try:
            result = future.result(timeout=0.1)
        except TimeoutError:
            client.poll(0)
            if watch.hopeless or monotonic() > deadline:
                raise watch.explain(KafkaError(KafkaError._TIMED_OUT), action) from None
        except KafkaException as error:
            client.poll(0)
            if error.args[0].code() in _SLOW | _CUT_OFF:
                raise watch.explain(error.args[0], action) from error
            raise
        else:
            watch.clear()
            return result
