"""What stands in the private log of a source of products, in the form that Debezium gives one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.forms import form
from streammesh.deployments.progress import Lsn
from streammesh.engine.log import SNAPSHOT
from streammesh.platform.streams import Headed

IDENTITY = "products 1"
"""What a heartbeat says of the database: there is none that could be replaced."""

Offsets = Mapping[str, Mapping[int, int]]
"""By topic and partition, the offset that is to be read next."""


class Gathered(msgspec.Struct, frozen=True):
    """How far the products have been gathered; stands in the END of the last transaction.

    Attributes:
        position: of that transaction.
        offsets: by topic and partition.
        tables: what is gathered: the topic and form of each table.
    """

    position: Lsn
    offsets: Mapping[str, Mapping[int, int]]
    tables: Mapping[str, str]


class _Last(msgspec.Struct):
    """The last record of a log, as far as it says how far the products have been gathered."""

    gathered: Gathered | None = None


def tables_of(source: SourceDeployment) -> dict[str, str]:
    """Say what is gathered for a source; where it differs, all is read again."""
    forms = {one.name: form(one) for one in source.tables}
    return {str(one.table): f"{one.topic} {forms[one.table]}" for one in source.inputs}


def last_gathered(tail: Sequence[Headed]) -> Gathered | None:
    """Give how far the products have been gathered, by the log's last record.

    Args:
        tail: the last records of the log, one at least unless it is empty.
    """
    last = max(tail, key=lambda one: one.offset, default=None)
    try:
        return None if last is None else msgspec.json.decode(last.value or b"", type=_Last).gathered
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def started(tables: Sequence[str]) -> Iterator[bytes]:
    """Give the records of a new generation, whose rows come as transactions behind it."""
    yield _notification("STARTED")
    for table in tables:
        yield _notification("TABLE_SCAN_COMPLETED", scanned_collection=f"products.{table}")
    yield _notification("COMPLETED")


def _notification(kind: str, **data: str) -> bytes:
    body = {"id": "", "aggregate_type": SNAPSHOT, "type": kind, "additional_data": data}
    return msgspec.json.encode(body)


def transaction(
    txid: str,
    position: Lsn,
    time_ms: int,
    rows: Sequence[bytes],
    gathered: Gathered | None = None,
) -> Iterator[bytes]:
    """Give the records of a transaction.

    Args:
        txid: its id; no colon stands in it.
        position: of its END.
        time_ms: when the source committed it, milliseconds since 1970.
        rows: its rows.
        gathered: how far the products have been gathered with it.
    """
    id = f"{txid}:{position.value}"
    yield msgspec.json.encode({"status": "BEGIN", "id": id, "ts_ms": time_ms})
    yield from rows
    end: dict[str, Any] = {"status": "END", "id": id, "ts_ms": time_ms}
    yield msgspec.json.encode(end if gathered is None else end | {"gathered": gathered})


def heartbeat() -> bytes:
    """Give the one row of a heartbeat's transaction."""
    source = {"schema": "", "table": ""}
    message = {"prefix": "streammesh.heartbeat", "content": IDENTITY.encode().hex()}
    return msgspec.json.encode({"op": "m", "source": source, "message": message})
