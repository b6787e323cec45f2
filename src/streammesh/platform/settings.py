"""How to reach the systems outside: values made from an environment of mesh.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from streammesh.documents.secrets import resolve
from streammesh.documents.values import Environment, Secret
from streammesh.errors import Location
from streammesh.errors.platform import SettingMissing, SettingWrong

_FILES = ("ssl_ca", "ssl_certificate", "ssl_key")
_KAFKA = (
    *("bootstrap_servers", "security_protocol", "sasl_mechanism", "username", "password"),
    *(*_FILES, "ssl_key_password"),
)
_HTTP = ("url", "username", "password", "ssl_ca")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_LIBRDKAFKA = {
    "ssl_ca": "ssl.ca.location",
    "ssl_certificate": "ssl.certificate.location",
    "ssl_key": "ssl.key.location",
    "ssl_key_password": "ssl.key.password",
}


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
        places: where mesh.toml says it, by the names there, for errors.
    """

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    more: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    places: Mapping[str, Location] = field(default_factory=dict, repr=False, compare=False)

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
        ssl_ca: file of the authority that its certificate is from; empty for the system's own.
        places: where mesh.toml says it, by the names there, for errors.
    """

    url: str
    username: str = ""
    password: str = field(default="", repr=False)
    ssl_ca: str = ""
    places: Mapping[str, Location] = field(default_factory=dict, repr=False, compare=False)


def kafka_settings(
    environment: Environment | None, environ: Mapping[str, str], root: Path | None = None
) -> KafkaSettings:
    """Say how to reach Kafka; `MESH_KAFKA_*` variables win over the file.

    Args:
        environment: of mesh.toml; None where there is no workspace, as for an engine.
        environ: environment variables: MESH_KAFKA_BOOTSTRAP_SERVERS, …_SECURITY_PROTOCOL,
            …_SASL_MECHANISM, …_USERNAME, …_PASSWORD, …_SSL_CA, …_SSL_CERTIFICATE, …_SSL_KEY,
            …_SSL_KEY_PASSWORD.
        root: the workspace, from which relative paths in mesh.toml count.

    Raises:
        SettingMissing: there are no bootstrap servers, or a user without a password.
        SettingWrong: the security protocol is none, or a file is not there.
        MissingSecret: a `${NAME}` in the file is not set.
    """
    said = _said(environment, "Kafka", _KAFKA, environ, root)
    values = said.values
    protocol = values.get("security_protocol") or _usual_protocol(values)
    if protocol not in _PROTOCOLS:
        problem = f"{protocol!r} is none of {', '.join(_PROTOCOLS)}"
        raise said.wrong("security_protocol", problem)
    sasl = protocol.startswith("SASL")
    needed = ("username", "password") if sasl else ()
    for name in (*needed, "bootstrap_servers"):
        if not values.get(name):
            raise said.missing(name)
    return KafkaSettings(
        bootstrap_servers=values["bootstrap_servers"],
        security_protocol=protocol,
        sasl_mechanism=(values.get("sasl_mechanism") or "SCRAM-SHA-256") if sasl else "",
        username=values["username"] if sasl else "",
        password=values["password"] if sasl else "",
        more={_LIBRDKAFKA[key]: one for key, one in values.items() if key in _LIBRDKAFKA},
        places=said.places,
    )


def _usual_protocol(values: Mapping[str, str]) -> str:
    """Give the protocol that goes with what is said: a login never travels in clear unasked."""
    if values.get("username"):
        return "SASL_SSL"
    return "SSL" if any(values.get(name) for name in _FILES) else "PLAINTEXT"


def registry_settings(
    environment: Environment | None, environ: Mapping[str, str], root: Path | None = None
) -> HttpSettings:
    """Say how to reach the registry; `MESH_REGISTRY_URL`, `…_USERNAME`, `…_PASSWORD` win.

    Raises:
        SettingMissing: there is no address.
        SettingWrong: the address is none.
        MissingSecret: a `${NAME}` in the file is not set.
    """
    return _http(_said(environment, "the registry", _HTTP, environ, root))


def connect_settings(
    environment: Environment | None, environ: Mapping[str, str], root: Path | None = None
) -> HttpSettings:
    """Say how to reach Connect; `MESH_CONNECT_URL`, `…_USERNAME`, `…_PASSWORD` win.

    Raises:
        SettingMissing: there is no address.
        SettingWrong: the address is none.
        MissingSecret: a `${NAME}` in the file is not set.
    """
    return _http(_said(environment, "Connect", _HTTP, environ, root))


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


@dataclass(frozen=True)
class _Said:
    """What file and variables say of one system, and where."""

    system: str
    environment: str
    values: Mapping[str, str]
    places: Mapping[str, Location]
    where: Location | None

    def missing(self, setting: str) -> SettingMissing:
        variable = f"{_PREFIXES[self.system]}{setting.upper()}"
        part = _PARTS[self.system]
        return SettingMissing(
            environment=self.environment,
            system=self.system,
            setting=setting,
            where=self.places.get("username") or self.where,
            fix=f"write it into `{part}` of [environments.{self.environment}] in mesh.toml, "
            f"or export {variable}=…",
        )

    def wrong(self, setting: str, problem: str) -> SettingWrong:
        where = self.places.get(setting)
        return SettingWrong(setting=setting, system=self.system, problem=problem, where=where)


_PARTS = {"Kafka": "kafka", "the registry": "registry", "Connect": "connect"}
_PREFIXES = {system: f"MESH_{part.upper()}_" for system, part in _PARTS.items()}


def _said(
    environment: Environment | None,
    system: str,
    known: Sequence[str],
    environ: Mapping[str, str],
    root: Path | None,
) -> _Said:
    """Give what the variables say, and for the rest what the file says."""
    part = _PARTS[system]
    written: Mapping[str, Secret] = {} if environment is None else getattr(environment, part)
    variables = {name: environ.get(_PREFIXES[system] + name.upper(), "") for name in known}
    variables = {name: value for name, value in variables.items() if value}
    left = {name: one for name, one in written.items() if name in known and name not in variables}
    said = _Said(
        system=system,
        environment="MESH_*" if environment is None else environment.name,
        values={name: resolve(one, environ) for name, one in left.items()} | variables,
        places={name: one.where for name, one in left.items() if one.where is not None},
        where=None if environment is None else environment.where,
    )
    return replace(said, values=dict(said.values) | _files(said, root))


def _files(said: _Said, root: Path | None) -> dict[str, str]:
    """Give the paths of files: those of mesh.toml count from its folder."""
    paths = {name: said.values[name] for name in _FILES if said.values.get(name)}
    for name, text in paths.items():
        path = (root or Path()) / text if name in said.places else Path(text)
        if not path.is_file():
            raise said.wrong(name, f"there is no file {path}")
        paths[name] = str(path)
    return paths


def _http(said: _Said) -> HttpSettings:
    values = said.values
    if not values.get("url"):
        raise said.missing("url")
    try:
        found = http_settings(
            said.system, values["url"], values.get("username", ""), values.get("password", "")
        )
    except SettingWrong as error:
        error.where = said.places.get("url")
        raise
    return replace(found, ssl_ca=values.get("ssl_ca", ""), places=said.places)
