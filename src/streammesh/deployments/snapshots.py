"""Marks of a snapshot by COPY: records of the private log that say where copied rows stand.

`apply` writes them, an engine reads them. The rows themselves stand as blocks in a topic of their
own; docs/decisions says what both sides rely on.

| phase | says |
|---|---|
| `started` | these tables are being read; of another id: what was open before is void |
| `table` | a table has been read: where its blocks are, and which position they show |
| `completed` | all tables have been read |
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

KEY = b'{"streammesh":"snapshot"}'
"""The key of every mark."""

SNAPSHOT, TABLE, BLOCK, ROWS = "mesh.snapshot", "mesh.table", "mesh.block", "mesh.rows"
"""Headers of a block: the snapshot's id, `schema.table`, the block's number in the table, rows."""

_STREAMMESH = "snapshot"


class Started(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="phase", tag="started", omit_defaults=False
):
    """Tables are being read.

    Attributes:
        streammesh: always "snapshot".
        snapshot: its id.
        tables: `schema.table` of each.
        whole: whether these are all tables of the source, and what was before is of no use.
        system_identifier: of the database.
        timeline: of the database.
    """

    streammesh: str = _STREAMMESH
    snapshot: str
    tables: tuple[str, ...]
    whole: bool
    system_identifier: str
    timeline: str


class TableCopied(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="phase", tag="table", omit_defaults=False
):
    """A table has been read, and all its blocks are in Kafka.

    Attributes:
        streammesh: always "snapshot".
        snapshot: its id.
        table: `schema.table`.
        form: the table's form (`forms.form`) when it was read.
        columns: of each row, in order.
        position: transactions with an END at or before it are in the rows, no others; 16 digits.
        topic: of the blocks.
        blocks: how many there are, numbered from 0.
        rows: how many in all of them.
        offsets: by partition, the first offset of a block and the one behind the last.
    """

    streammesh: str = _STREAMMESH
    snapshot: str
    table: str
    form: str
    columns: tuple[str, ...]
    position: str
    topic: str
    blocks: int
    rows: int
    offsets: Mapping[str, tuple[int, int]]


class Completed(msgspec.Struct, frozen=True, kw_only=True, tag_field="phase", tag="completed"):
    """All tables of a snapshot have been read.

    Attributes:
        streammesh: always "snapshot".
        snapshot: its id.
        position: the greatest of its tables' positions, 16 digits.
    """

    streammesh: str = _STREAMMESH
    snapshot: str
    position: str


Mark = Started | TableCopied | Completed

_decoder: msgspec.json.Decoder[Mark] = msgspec.json.Decoder(Mark)


def encode(mark: Mark) -> bytes:
    """Give a mark's value: JSON, one line."""
    return msgspec.json.encode(mark)


def decode(value: bytes) -> Mark:
    """Read a mark.

    Raises:
        ValueError: it is none.
    """
    try:
        mark = _decoder.decode(value)
        if mark.streammesh != _STREAMMESH:
            raise ValueError(f"a mark of {mark.streammesh}")
        if not isinstance(mark, Started):
            int(mark.position, 16)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    return mark
