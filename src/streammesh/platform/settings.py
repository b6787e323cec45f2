"""How to reach the systems outside: values made from an environment of mesh.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from streammesh.documents.secrets import resolve
from streammesh.documents.values import Environment, Secret
from streammesh.errors.platform import SettingMissing, SettingWrong

_KAFKA = ("bootstrap_servers", "security_protocol", "sasl_mechanism", "username", "password")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")


@dataclass(frozen=True)
class KafkaSettings:
    """How to reach a Kafka cluster, and as whom.

    Attributes:
        bootstrap_servers: `host:port`, several with commas.
        security_protocol: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
        sasl_mechanism: such as SCRAM-SHA-256; empty without SASL.
        username: empty without SASL.
        password: never shown.
        more: further librdkafka properties, such as `ssl.ca.location`.
    """

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    more: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    def librdkafka(self) -> dict[str, str | int | float | bool]:
        """Give the properties for a client of confluent-kafka; it will print nothing itself."""
        properties: dict[str, str | int | float | bool] = {
            "bootstrap.servers": self.bootstrap_servers,
            "security.protocol": self.security_protocol,
            "log_level": 0,
        }
        if self.security_protocol.startswith("SASL"):
            properties["sasl.mechanism"] = self.sasl_mechanism
            properties["sasl.username"] = self.username
            properties["sasl.password"] = self.password
        return properties | dict(self.more)

    def with_user(self, username: str, password: str) -> KafkaSettings:
        """Give the settings to reach the same cluster as another user."""
        return replace(self, username=username, password=password)


@dataclass(frozen=True)
class HttpSettings:
    """How to reach a registry or Connect.

    Attributes:
        url: base address, without a user in it.
        username: for basic authentication; empty for none.
        password: never shown.
    """

    url: str
    username: str = ""
    password: str = field(default="", repr=False)


def kafka_settings(environment: Environment | None, environ: Mapping[str, str]) -> KafkaSettings:
    """Say how to reach Kafka; `MESH_KAFKA_*` variables win over the file.

    Args:
        environment: of mesh.toml; None where there is no workspace, as for an engine.
        environ: environment variables: MESH_KAFKA_BOOTSTRAP_SERVERS, …_SECURITY_PROTOCOL,
            …_SASL_MECHANISM, …_USERNAME, …_PASSWORD.

    Raises:
        SettingMissing: there are no bootstrap servers, or a user without a password.
        SettingWrong: the security protocol is none.
        MissingSecret: a `${NAME}` in the file is not set.
    """
    written = {} if environment is None else environment.kafka
    values = _values("MESH_KAFKA_", _KAFKA, written, environ)
    name = "MESH_*" if environment is None else environment.name
    username, password = values.get("username", ""), values.get("password", "")
    if username and not password:
        raise _missing(name, "Kafka", "password")
    protocol = values.get("security_protocol") or ("SASL_SSL" if username else "PLAINTEXT")
    if protocol not in _PROTOCOLS:
        problem = f"{protocol!r} is none of {', '.join(_PROTOCOLS)}"
        raise SettingWrong(setting="security_protocol", system="Kafka", problem=problem)
    if protocol.startswith("SASL") and not username:
        raise _missing(name, "Kafka", "username")
    if not values.get("bootstrap_servers"):
        raise _missing(name, "Kafka", "bootstrap_servers")
    mechanism = values.get("sasl_mechanism") or "SCRAM-SHA-256"
    return KafkaSettings(
        bootstrap_servers=values["bootstrap_servers"],
        security_protocol=protocol,
        sasl_mechanism=mechanism if protocol.startswith("SASL") else "",
        username=username,
        password=password,
        more={key.replace("_", "."): values[key] for key in values if key not in _KAFKA},
    )


def registry_settings(environment: Environment | None, environ: Mapping[str, str]) -> HttpSettings:
    """Say how to reach the registry; `MESH_REGISTRY_URL`, `…_USERNAME`, `…_PASSWORD` win.

    Raises:
        SettingMissing: there is no address.
        SettingWrong: the address is none.
        MissingSecret: a `${NAME}` in the file is not set.
    """
    written = {} if environment is None else environment.registry
    name = "MESH_*" if environment is None else environment.name
    return _http("MESH_REGISTRY_", "the registry", name, written, environ)


def connect_settings(environment: Environment | None, environ: Mapping[str, str]) -> HttpSettings:
    """Say how to reach Connect; `MESH_CONNECT_URL`, `…_USERNAME`, `…_PASSWORD` win.

    Raises:
        SettingMissing: there is no address.
        SettingWrong: the address is none.
        MissingSecret: a `${NAME}` in the file is not set.
    """
    written = {} if environment is None else environment.connect
    name = "MESH_*" if environment is None else environment.name
    return _http("MESH_CONNECT_", "Connect", name, written, environ)


def http_settings(system: str, url: str, username: str = "", password: str = "") -> HttpSettings:
    """Make settings of an address; a user in it is taken out of it.

    Args:
        system: what is there, for the error.
        url: `http://…` or `https://…`.
        username: wins over the address's.
        password: wins over the address's.

    Raises:
        SettingWrong: it is no such address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problem = "an address begins with http:// or https:// and names a host"
        raise SettingWrong(setting="url", system=system, problem=problem)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    bare = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{parts.path.rstrip('/')}"
    return HttpSettings(
        bare,
        username or unquote(parts.username or ""),
        password or unquote(parts.password or ""),
    )


def _http(
    prefix: str,
    system: str,
    environment: str,
    written: Mapping[str, Secret],
    environ: Mapping[str, str],
) -> HttpSettings:
    known = ("url", "username", "password")
    values = _values(prefix, known, {key: written[key] for key in known if key in written}, environ)
    if not values.get("url"):
        raise _missing(environment, system, "url")
    username, password = values.get("username", ""), values.get("password", "")
    return http_settings(system, values["url"], username, password)


def _values(
    prefix: str, known: Sequence[str], written: Mapping[str, Secret], environ: Mapping[str, str]
) -> dict[str, str]:
    """Give what the variables say, and for the rest what the file says."""
    variables = {name: environ.get(prefix + name.upper(), "") for name in known}
    variables = {name: value for name, value in variables.items() if value}
    left = {name: resolve(one, environ) for name, one in written.items() if name not in variables}
    return left | variables


def _missing(environment: str, system: str, setting: str) -> SettingMissing:
    short = {"Kafka": "kafka", "the registry": "registry", "Connect": "connect"}[system]
    fix = (
        f"write it in [environments.{environment}] of mesh.toml, "
        f"or export MESH_{short.upper()}_{setting.upper()}=…"
    )
    return SettingMissing(environment=environment, system=system, setting=setting, fix=fix)
