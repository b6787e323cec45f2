"""What things are called on Kafka, in the registry, in Connect and in the database.

One environment of one mesh may share a cluster with others: its namespace, if any, stands with "-"
before every name (`stage-sales.orders.v1`).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z][a-z0-9-]{0,48}\Z")
"""What a domain, source, product, port or consumer may be called."""

RESERVED = frozenset({"engine", "connect", "admin", "reader"})
"""Names that no domain, product or consumer may have: they name the mesh's own principals."""

MESH = "mesh"
"""The domain of the mesh itself, which no files can have: what it tells consumers is a product."""

MAX_TOPIC_LENGTH = 249

GATHER = ".gather"
"""Behind an engine's principal: the transactional id by which it writes its own log."""


def sql_name(name: str) -> str:
    """Give the name as an SQL, Avro or PostgreSQL identifier: `my-shop` is `my_shop`."""
    return name.replace("-", "_")


@dataclass(frozen=True)
class Names:
    """All names of one environment.

    Attributes:
        namespace: prefix of the environment, without its "-"; empty for none.
    """

    namespace: str = ""

    def _in_namespace(self, name: str) -> str:
        return f"{self.namespace}-{name}" if self.namespace else name

    def product_topic(self, domain: str, product: str, port: str, major: int) -> str:
        """Name the topic of a port; a port named like its product is left out of it."""
        middle = product if port == product else f"{product}.{port}"
        return self._in_namespace(f"{domain}.{middle}.v{major}")

    def bare(self, topic: str) -> str:
        """Give a topic's name without the namespace; as it is where it has another one."""
        return topic.removeprefix(f"{self.namespace}-") if self.namespace else topic

    def private_log(self, domain: str, source: str) -> str:
        """Name the topic that holds a source's changes; nobody but its engine reads it."""
        return self._in_namespace(f"_cdc.{domain}.{source}")

    def rows(self, domain: str, source: str) -> str:
        """Name the topic that holds the rows of a source's tables as snapshots read them."""
        return self._in_namespace(f"_cdc.{domain}.{source}.rows")

    def topic_prefix(self, domain: str, source: str) -> str:
        """Name a source for Debezium (`topic.prefix`)."""
        return self._in_namespace(f"{domain}.{source}")

    def quarantine(self, topic: str) -> str:
        """Name the topic that keeps what could not be published on `topic` (a full name)."""
        if self.namespace:
            topic = topic.removeprefix(f"{self.namespace}-")
        return self._in_namespace(f"_quarantine.{topic}")

    def progress(self, domain: str, source: str) -> str:
        """Name the topic that holds how far a source's engine has come."""
        return self._in_namespace(f"_mesh.progress.{domain}.{source}")

    @property
    def deployments(self) -> str:
        """The topic that tells engines what to run."""
        return self._in_namespace("_mesh.deployments")

    @property
    def resources(self) -> str:
        """The topic that tells which resources streammesh created, and for whom."""
        return self._in_namespace("_mesh.resources")

    @property
    def apply_lock(self) -> str:
        """The empty topic, and the group, by which only one apply runs at a time."""
        return self._in_namespace("_mesh.apply-lock")

    def engine_principal(self, domain: str, source: str) -> str:
        """Name the principal of a source's engine; its transactional id and group are the same."""
        return self._in_namespace(f"mesh.{domain}.engine.{source}")

    def reader_principal(self, domain: str) -> str:
        """Name the principal as which `mesh consume` reads a domain's products."""
        return self._in_namespace(f"mesh.{domain}.reader")

    def consumer_principal(self, domain: str, consumer: str) -> str:
        """Name the principal of an application; its groups begin with that name and a dot."""
        return self._in_namespace(f"mesh.{domain}.{consumer}")

    @property
    def notices(self) -> str:
        """The topic of the product `mesh.notices`: what consumers of versions that end are told."""
        return self.product_topic(MESH, "notices", "notices", 1)

    @property
    def connect_principal(self) -> str:
        """The principal of Kafka Connect's workers and connectors."""
        return self._in_namespace("mesh.connect")

    def connector(self, domain: str, source: str) -> str:
        """Name the connector that captures a source."""
        return self._in_namespace(f"{domain}.{source}")

    def slot(self, mesh: str, domain: str, source: str) -> str:
        """Name a source's replication slot and publication: at most 63 of `[a-z0-9_]`."""
        parts = [self.namespace, mesh, domain, source] if self.namespace else [mesh, domain, source]
        name = "mesh_" + "_".join(sql_name(part) for part in parts)
        return name if len(name) <= 63 else name[:54] + "_" + _short_digest(name)


def _short_digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
