"""The example's `sales.orders` as Flink SQL, and the SQL Gateway that runs it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from streammesh.platform.settings import KafkaSettings

PATIENCE_SECONDS = 120.0
CHECKPOINT_MS = 5_000
SETTINGS = dict(
    one.strip().split("=", 1) for one in os.environ.get("BENCH_FLINK_SET", "").split(";") if one
)
"""Further settings of every job: `name=value; …`."""
COLUMNS = {
    "cities": "id INT, name STRING, country STRING",
    "customers": "id INT, name STRING, email STRING, city_id INT",
    "products": "id INT, name STRING, price DECIMAL(10, 2)",
    "orders": "id BIGINT, customer_id INT, status STRING, placed_at TIMESTAMP_LTZ(6)",
    "order_lines": "id BIGINT, order_id BIGINT, product_id INT, qty INT, price DECIMAL(10, 2)",
}
LINE = "ROW<product STRING, quantity INT, amount DECIMAL(12, 2)>"
DOCUMENT = (
    "order_id BIGINT, placed_at TIMESTAMP_LTZ(6), status STRING, "
    f"customer ROW<name STRING, city STRING, country STRING>, lines ARRAY<{LINE}>"
)
# Each leg comes keyed by the order, and one aggregation puts them together: an order's change
# passes no join with its lines. Neither an order without its customer nor lines without their
# order are held back (they are none at the end); to filter them doubled the events.
LEGS = """
INSERT INTO documents
SELECT k, MAX(placed_at), MAX(status), ROW(MAX(name), MAX(city), MAX(country)),
       ARRAY_AGG(ROW(product, quantity, amount)) FILTER (WHERE line IS NOT NULL)
  FROM (SELECT o.id AS k, o.placed_at, o.status, c.name, ci.name AS city, ci.country,
               CAST(NULL AS BIGINT) AS line, CAST(NULL AS STRING) AS product,
               CAST(NULL AS INT) AS quantity, CAST(NULL AS DECIMAL(12, 2)) AS amount
          FROM orders o JOIN customers c ON c.id = o.customer_id
               LEFT JOIN cities ci ON ci.id = c.city_id
        UNION ALL
        SELECT l.order_id, CAST(NULL AS TIMESTAMP_LTZ(6)), CAST(NULL AS STRING),
               CAST(NULL AS STRING), CAST(NULL AS STRING), CAST(NULL AS STRING),
               l.id, p.name, l.qty, CAST(l.qty * l.price AS DECIMAL(12, 2))
          FROM order_lines l JOIN products p ON p.id = l.product_id)
 GROUP BY k"""
# The model as it is written: the lists first, then joins.
JOINS = """
INSERT INTO documents
SELECT o.id, o.placed_at, o.status, ROW(c.name, ci.name, ci.country), l.lines
  FROM orders o JOIN customers c ON c.id = o.customer_id
       LEFT JOIN cities ci ON ci.id = c.city_id
       LEFT JOIN (SELECT l.order_id, ARRAY_AGG(ROW(p.name, l.qty,
                         CAST(l.qty * l.price AS DECIMAL(12, 2)))) AS lines
                    FROM order_lines l JOIN products p ON p.id = l.product_id
                   GROUP BY l.order_id) l ON l.order_id = o.id"""
QUERIES = {"legs": LEGS, "joins": JOINS}


@dataclass(frozen=True)
class Variant:
    """One way to run the job.

    Attributes:
        backend: where the state is: `hashmap` (Java's heap) or `rocksdb`.
        parallelism: of every operator.
        query: a name of QUERIES.
    """

    backend: str
    parallelism: int
    query: str = "legs"

    def __str__(self) -> str:
        return f"{self.backend}, parallelism {self.parallelism}, {self.query}"

    def settings(self) -> dict[str, str]:
        """Give the session's configuration."""
        return {
            "parallelism.default": str(self.parallelism),
            "pipeline.object-reuse": "true",
            "state.backend.type": self.backend,
            "execution.checkpointing.interval": f"{CHECKPOINT_MS} ms",
            "execution.checkpointing.incremental": str(self.backend == "rocksdb").lower(),
            "table.local-time-zone": "UTC",
            "table.exec.mini-batch.enabled": "true",
            # 1 s and 5,000 are usual; these cost a fifth less and publish 40 % of the events
            "table.exec.mini-batch.allow-latency": "3 s",
            "table.exec.mini-batch.size": "50000",
            **SETTINGS,
        }


def source(table: str, topic: str, kafka: KafkaSettings) -> str:
    """Define a table that is an upsert topic, read up to its end as the job starts."""
    return _table(
        table,
        f"{COLUMNS[table]}, PRIMARY KEY (id) NOT ENFORCED",
        topic,
        kafka,
        {
            "properties.isolation.level": "read_committed",
            "scan.bounded.mode": "latest-offset",
            "value.json.timestamp-format.standard": "ISO-8601",
        },
    )


def sink(topic: str, kafka: KafkaSettings) -> str:
    """Define the table of documents, published exactly once."""
    return _table(
        "documents",
        f"{DOCUMENT}, PRIMARY KEY (order_id) NOT ENFORCED",
        topic,
        kafka,
        {
            "sink.delivery-guarantee": "exactly-once",
            "sink.transactional-id-prefix": topic,
            "properties.transaction.timeout.ms": "600000",
            "properties.compression.type": "lz4",
            "properties.linger.ms": "5",
            "value.json.timestamp-format.standard": "ISO-8601",
            "value.json.encode.decimal-as-plain-number": "true",
        },
    )


def _table(
    name: str, columns: str, topic: str, kafka: KafkaSettings, more: Mapping[str, str]
) -> str:
    """Define a table on a topic; the login is in the processes' JAAS file, never in SQL."""
    options = {
        "connector": "upsert-kafka",
        "topic": topic,
        "key.format": "json",
        "value.format": "json",
        "properties.bootstrap.servers": kafka.bootstrap_servers,
        "properties.security.protocol": kafka.security_protocol,
        "properties.sasl.mechanism": kafka.sasl_mechanism,
        **more,
    }
    listed = ", ".join(f"'{key}' = '{value}'" for key, value in options.items() if value)
    return f"CREATE TEMPORARY TABLE {name} ({columns}) WITH ({listed})"


class Session:
    """A session on the SQL Gateway."""

    def __init__(self, gateway: str, settings: Mapping[str, str]) -> None:
        """Open it, with these settings."""
        self._http = httpx.Client(timeout=PATIENCE_SECONDS)
        body = {"properties": dict(settings)}
        handle = self._json("POST", f"{gateway}/sessions", body)["sessionHandle"]
        self._url = f"{gateway}/sessions/{handle}"

    def run(self, statement: str) -> str:
        """Run a statement; give the job's id where it starts one.

        Raises:
            SystemExit: Flink refuses it.
        """
        body = {"statement": statement}
        handle = self._json("POST", f"{self._url}/statements", body)["operationHandle"]
        operation = f"{self._url}/operations/{handle}"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            result = self._json("GET", f"{operation}/result/0?rowFormat=JSON")
            if result["resultType"] != "NOT_READY":
                return str(result.get("jobID", ""))
            time.sleep(0.05)
        raise SystemExit(f"Flink's SQL Gateway did not finish:\n{statement}")

    def close(self) -> None:
        """Close it; a job that it started goes on."""
        self._http.delete(self._url)
        self._http.close()

    def _json(self, method: str, url: str, body: Any = None) -> dict[str, Any]:
        answer = self._http.request(method, url, json=body)
        found: dict[str, Any] = answer.json()
        if answer.is_success:
            return found
        causes = [one for one in str(found["errors"][-1]).splitlines() if "Exception" in one]
        raise SystemExit("Flink: " + "\n".join(causes[-5:]))
