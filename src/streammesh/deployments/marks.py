"""Marks of snapshots in a private log: how apply tells engines which blocks of rows hold what.

Apply reads tables with COPY and writes blocks of rows into the source's topic of rows; these marks
stand in the private log, between the transactions. docs/capture.md shows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from streammesh.deployments.progress import Lsn

KEY = b'{"streammesh":"snapshot"}'
"""Key of every mark."""

HEADER_TABLE = "mesh.table"
HEADER_COPY = "mesh.copy"
HEADER_SNAPSHOT = "mesh.snapshot"
HEADER_BLOCK = "mesh.block"
HEADER_ROWS = "mesh.rows"

Offsets = Mapping[str, tuple[int, int]]
"""By partition: the first offset, and the one behind the last."""


class _Mark(msgspec.Struct, frozen=True, tag_field="phase", kw_only=True):
    streammesh: Literal["snapshot"] = "snapshot"
    snapshot: str


class Started(_Mark, frozen=True, tag="started", kw_only=True):
    """A snapshot begins, or goes on when it has the id of the one that is open.

    Attributes:
        snapshot: the snapshot's id.
        tables: what it reads, `schema.table`.
        whole: whether it is of all captured tables and replaces everything; else the tables that
            it doesn't name go on.
        system_identifier: of the database.
        timeline: of that database.
    """

    tables: tuple[str, ...]
    whole: bool
    system_identifier: str
    timeline: int


class TableCopied(_Mark, frozen=True, tag="table", kw_only=True):
    """All rows of a table stand in the topic of rows; the last such mark of a table counts.

    Attributes:
        snapshot: the snapshot's id.
        table: `schema.table`.
        form: of the table when it was read (`forms.form`): the rows are of use to an engine whose
            deployed table has the same.
        columns: in the order in which the rows have them.
        position: the rows are those of all transactions whose END is at or before it, 16
            hexadecimal digits.
        copy: the value of `mesh.copy` in the headers of this table's blocks: an attempt that was
            given up leaves blocks with another one.
        topic: where the blocks are.
        blocks: how many there are, numbered from 0 in `mesh.block`.
        rows: how many rows all of them have.
        offsets: where in the topic they stand; blocks of other tables may be in between.
    """

    table: str
    form: str
    columns: tuple[str, ...]
    position: str
    copy: str
    topic: str
    blocks: int
    rows: int
    offsets: Offsets

    @property
    def lsn(self) -> Lsn:
        """Give the position as a value."""
        return Lsn.from_header(self.position.encode())


class Completed(_Mark, frozen=True, tag="completed", kw_only=True):
    """All tables of the snapshot have been copied.

    Attributes:
        snapshot: the snapshot's id.
        position: the greatest of the tables' positions, 16 hexadecimal digits.
    """

    position: str

    @property
    def lsn(self) -> Lsn:
        """Give the position as a value."""
        return Lsn.from_header(self.position.encode())


Mark = Started | TableCopied | Completed


def encode(mark: Mark) -> bytes:
    """Give a mark's value, one line of JSON."""
    return msgspec.json.encode(mark, order="deterministic")


def decode(value: bytes) -> Mark:
    """Read a mark's value.

    Raises:
        ValueError: it is none.
    """
    try:
        found: Mark = msgspec.json.decode(value, type=Mark)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    return found
