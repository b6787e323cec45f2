"""What an engine is given to run in a measurement: the example's orders, on topics of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import psycopg

from streammesh.capture.introspect import introspect
from streammesh.demo import example
from streammesh.deployments.deployment import (
    FORMAT,
    ProductDeployment,
    SourceDeployment,
    digested,
)
from streammesh.documents import workspace as documents
from streammesh.documents.names import Names, sql_name
from streammesh.local.stack import Stack
from streammesh.models.tables import Table
from streammesh.planning.wanting.build import build
from streammesh.platform.kafka import TopicSpec

NAMES = Names(os.environ.get("BENCH_NAMESPACE", "bench"))
SCRATCH = f"{sql_name(NAMES.namespace)}_schema"


@dataclass(frozen=True)
class Target:
    """A source and its product, as apply would deploy them."""

    source: SourceDeployment
    product: ProductDeployment

    @property
    def topics(self) -> list[TopicSpec]:
        """The topics that the engine needs."""
        compacted = {"cleanup.policy": "compact"}
        return [
            TopicSpec(self.source.log, 1, 1, {"retention.ms": "-1"}),
            TopicSpec(self.source.progress, 1, 1, compacted),
            TopicSpec(self.product.topic, self.product.stream.partitions, 1, compacted),
            TopicSpec(self.product.quarantine, 1, 1, {}),
            TopicSpec(NAMES.deployments, 1, 1, compacted),
        ]


def orders(stack: Stack) -> Target:
    """Compile the example's `sales.orders` over its tables."""
    root = example.original()
    workspace = documents.load(root)
    domain = workspace.domains["sales"]
    source = domain.sources[0]
    tables = _tables(stack, root)
    (port,) = [one for one in workspace.ports if one.label == "sales.orders"]
    built = build(port, domain, NAMES, {("sales", source.name): tables})
    topic = port.topic(NAMES)
    deployed = SourceDeployment(
        format=FORMAT,
        mesh=workspace.mesh,
        domain="sales",
        source=source.name,
        database_type="postgres",
        topic_prefix=NAMES.topic_prefix("sales", source.name),
        log=NAMES.private_log("sales", source.name),
        progress=NAMES.progress("sales", source.name),
        principal=NAMES.engine_principal("sales", source.name),
        slot="",
        tables=tables,
        retention_ms=source.retention_ms,
    )
    product = ProductDeployment(
        format=FORMAT,
        domain="sales",
        product=port.product,
        port=port.name,
        version=port.version,
        status=port.status,
        source=source.name,
        topic=topic,
        quarantine=NAMES.quarantine(topic),
        model=built.model,
        contract=built.contract.fields,
        stream=port.contract.stream,
        key_schema=built.key_schema,
        key_schema_id=1,
        value_schema=built.value_schema,
        value_schema_id=2,
    )
    return Target(digested(deployed), digested(product))


def _tables(stack: Stack, root: Path) -> tuple[Table, ...]:
    """Read the tables from an empty database with the example's schema, gone again afterwards."""
    info = stack.info()
    source = documents.load(root).domains["sales"].sources[0]
    with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {SCRATCH}")
        try:
            with psycopg.connect(info.postgres_url(SCRATCH)) as connection:
                connection.execute((root / "database" / "schema.sql").read_text())
                return introspect(connection, source)
        finally:
            server.execute(f"DROP DATABASE {SCRATCH} WITH (FORCE)")
