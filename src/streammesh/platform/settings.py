"""How to reach the systems outside: values made from an environment of mesh.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


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
