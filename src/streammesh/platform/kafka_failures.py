"""What librdkafka reports, as errors that a person understands."""

from __future__ import annotations

import re
from concurrent.futures import Future, TimeoutError
from time import monotonic
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException

from streammesh.errors import MeshError
from streammesh.errors.platform import (
    ActionRefused,
    AnotherSystem,
    BrokerUnreachable,
    LoginFailed,
    NoAuthorizer,
    RequestFailed,
    SettingWrong,
    TooSlow,
    Unreachable,
    WrongProtocol,
)
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.tls import TlsWords, tls_failed

REQUEST_SECONDS = 8.0
"""How long one request may take; a call of several has this for each."""

FIRST_CONNECTION_SECONDS = 3.0
"""How long a client tries to reach servers that refuse it, before it was ever connected."""

SYSTEM = "Kafka"

ELECTING = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
}
"""A topic just created, or a broker just gone: it passes."""

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
_OTHER_CONNECTION = {KafkaError._SSL, KafkaError._BAD_MSG, KafkaError.SECURITY_DISABLED}
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
        if self._cause is None or _telling(error) > _telling(self._cause):
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
        if (
            no_answer
            and self._cause is not None
            and not self.connected
            and not _telling(self._cause)
        ):
            # a listener that expects another protocol hangs up without a word
            return _wrong_protocol(self._settings)
        return explain(self._cause or error if no_answer else error, self._settings, action)


def _telling(error: KafkaError) -> int:
    """Say how much an error tells of the cause: that all brokers are down says nothing."""
    code = error.code()
    if code in {*_LOGIN, KafkaError._SSL}:
        return 2
    return 0 if code == KafkaError._ALL_BROKERS_DOWN else 1


def explain(error: KafkaError, settings: KafkaSettings, action: str) -> MeshError:
    """Give the error for what librdkafka or a broker reported."""
    code, why = error.code(), error.str()
    if code in _SLOW:
        return TooSlow(system=SYSTEM, seconds=REQUEST_SECONDS, action=action)
    if code in _DENIED:
        return refused(settings, action)
    if code in _LOGIN | _CUT_OFF | _OTHER_CONNECTION:
        return _no_connection(code, why, settings)
    return RequestFailed(system=SYSTEM, action=action, why=why)


def refused(settings: KafkaSettings, action: str) -> ActionRefused:
    """Give the error for what our user may not do."""
    return ActionRefused(
        system=SYSTEM,
        user=settings.username or "anonymous",
        action=action,
        where=settings.places.get("username"),
        fix="let Kafka's administrator grant it: docs/environments.md lists what each user needs",
    )


def _no_connection(code: int, why: str, settings: KafkaSettings) -> MeshError:
    address, places = settings.bootstrap_servers, settings.places
    where = places.get("bootstrap_servers")
    if code in _LOGIN:
        return _refused_login(why, settings)
    if code == KafkaError._SSL or "SSL handshake failed" in why:
        return tls_failed(SYSTEM, address, _plain(why), places, _words(settings))
    if code == KafkaError.SECURITY_DISABLED:
        return NoAuthorizer(address=address, where=where)
    if "security.protocol" in why:
        return _wrong_protocol(settings)
    if code == KafkaError._BAD_MSG:
        return _not_kafka(settings)
    return _unreachable(why, settings)


def _not_kafka(settings: KafkaSettings) -> MeshError:
    return AnotherSystem(
        system=SYSTEM,
        address=settings.bootstrap_servers,
        where=settings.places.get("bootstrap_servers"),
        why="it did not answer as Kafka does, or wants TLS",
        fix="check host and port, and `security_protocol`",
    )


def _unreachable(why: str, settings: KafkaSettings) -> MeshError:
    address, where = settings.bootstrap_servers, settings.places.get("bootstrap_servers")
    advertised = _ADVERTISED.search(why)
    if advertised:
        return BrokerUnreachable(
            address=address, broker=advertised[1], where=where, why=_plain(why)
        )
    return Unreachable(system=SYSTEM, address=address, why=_plain(why), where=where)


_ADVERTISED = re.compile(r"(?:sasl_)?(?:ssl|plaintext)://([^/\s]+)/\d+: ")
"""A broker that librdkafka knows from the cluster itself; `/bootstrap` stands for one of ours."""

_SERVER = re.compile(r"^.*?://\S+: |\s*\(after \d+ms in state [A-Z_]+[^)]*\)")


def _plain(why: str) -> str:
    """Leave out what librdkafka says of itself: its name of the server, states and times."""
    return _SERVER.sub("", why)


def _refused_login(why: str, settings: KafkaSettings) -> MeshError:
    places = settings.places
    found = _MECHANISMS.search(why)
    if found:
        known, where = found[1].strip(), places.get("sasl_mechanism", places.get("username"))
        problem = f"the brokers take {known}, not {settings.sasl_mechanism}"
        return SettingWrong(setting="sasl_mechanism", system=SYSTEM, problem=problem, where=where)
    user, address = settings.username or "anonymous", settings.bootstrap_servers
    where = places.get("username", places.get("bootstrap_servers"))
    return LoginFailed(system=SYSTEM, address=address, user=user, where=where)


_MECHANISMS = re.compile(r"supported mechanisms?: ([A-Z0-9, -]+)")


def _wrong_protocol(settings: KafkaSettings) -> MeshError:
    """Say that plain text met a listener that expects something else, as TLS."""
    said = settings.security_protocol
    others = {"PLAINTEXT": "SASL_PLAINTEXT, SSL or SASL_SSL", "SASL_PLAINTEXT": "SASL_SSL"}
    return WrongProtocol(
        system=SYSTEM,
        address=settings.bootstrap_servers,
        protocol=said,
        where=settings.places.get("security_protocol", settings.places.get("bootstrap_servers")),
        fix=f"`security_protocol` may have to be {others.get(said, 'SASL_PLAINTEXT')};\n"
        f"or name the listener that speaks {said}",
    )


def _words(settings: KafkaSettings) -> TlsWords:
    plain = settings.security_protocol.replace("SASL_SSL", "SASL_PLAINTEXT")
    plain = "PLAINTEXT" if plain == "SSL" else plain
    return TlsWords(
        wrong_protocol=f'that listener speaks no TLS: `security_protocol = "{plain}"`, '
        f"or name the one that does",
        wrong_authority="`ssl_ca` names a PEM file with the authority that signed the brokers' "
        "certificates",
    )


def bad_setting(error: KafkaException, settings: KafkaSettings) -> SettingWrong:
    """Give the error for settings that no client can be made with."""
    said = error.args[0].str()
    setting = next((name for words, name in _FILES.items() if words in said), "kafka")
    problem = said.removeprefix("Failed to create admin client: ")
    where = settings.places.get(setting)
    return SettingWrong(setting=setting, system=SYSTEM, problem=problem, where=where)


_FILES = {
    "ssl.ca.location": "ssl_ca",
    "ssl.certificate.location": "ssl_certificate",
    "ssl.key.location": "ssl_key",
    "ssl.key.password": "ssl_key_password",
    "sasl.mechanism": "sasl_mechanism",
    "bootstrap.servers": "bootstrap_servers",
}


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
