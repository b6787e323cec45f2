"""How far a source's engine has come: the newest record of `_mesh.progress.<domain>.<source>`.

The engine writes it in the same Kafka transaction as the events it accounts for; nobody else may
write that topic. A position is a typed value, since databases count in different ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

FORMAT = 2
KEY = b"progress"


class Lsn(msgspec.Struct, frozen=True, order=True, tag="lsn", tag_field="type"):
    """A place in PostgreSQL's write-ahead log; the END of a transaction stands at one."""

    value: int

    def header(self) -> bytes:
        """Give it as events carry it in `mesh.position`: 16 hexadecimal digits."""
        return b"%016X" % self.value

    def __str__(self) -> str:
        """Give it as PostgreSQL prints it: `0/4A3F2C8`."""
        return f"{self.value >> 32:X}/{self.value & 0xFFFFFFFF:X}"

    @classmethod
    def from_header(cls, header: bytes) -> Lsn:
        """Read a `mesh.position` header.

        Raises:
            ValueError: when it isn't 16 hexadecimal digits.
        """
        if len(header) != 16:
            raise ValueError(f"no position: {header!r}")
        return cls(int(header, 16))

    @classmethod
    def parse(cls, text: str) -> Lsn:
        """Read PostgreSQL's own form, `0/4A3F2C8`."""
        high, _, low = text.partition("/")
        return cls((int(high, 16) << 32) | int(low, 16))


Position = Lsn


@dataclass(frozen=True)
class Generation:
    """A snapshot of tables of a source, and the records of the log that hold it or tell where.

    Attributes:
        start: offset of the record that started it.
        end: the first offset behind its last record.
        position: the position in the database that the snapshot shows, settled.
        copied: whether its rows stand as blocks in a topic of their own, and the log has the marks.
    """

    start: int
    end: int
    position: Position
    copied: bool = False


@dataclass(frozen=True)
class Reading:
    """A snapshot of some tables that is not in the state yet, while all others go on.

    Attributes:
        snapshot: its id.
        start: offset of the mark that started it.
        tables: `schema.table` of each.
    """

    snapshot: str
    start: int
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Parts:
    """A transaction that is over the limit of a product and so is published in parts.

    Attributes:
        position: of the transaction; the input's own position is before it until the last part.
        done: how many parts are published.
        total: how many there are.
    """

    position: Position
    done: int
    total: int


@dataclass(frozen=True)
class Input:
    """How far one input has been processed.

    Attributes:
        position: the last transaction, or the generation's when none came after it.
        log_offset: the first offset of the log that has not been processed.
        time_ms: when the source committed what stands at the position, milliseconds since 1970.
        generation: the snapshot that the state began with.
        tables: the form (`forms.form`) in which the state has each table, by `schema.table`. One
            that is missing or has another form than its deployment waits to be read again.
        again: the snapshots of tables that were read again since the generation, by table.
        reading: the snapshot of some tables that is on its way; None when there is none.
        system_identifier: of the database that wrote the log; None until the log has told.
        timeline: of that database; None until the log has told.
        parts: how far the next transaction has been published; None unless it goes in parts.
    """

    position: Position
    log_offset: int
    time_ms: int
    generation: Generation
    tables: Mapping[str, str] = field(default_factory=dict)
    again: Mapping[str, Generation] = field(default_factory=dict)
    reading: Reading | None = None
    system_identifier: str | None = None
    timeline: str | None = None
    parts: Parts | None = None


Status = Literal["publishing", "live", "waiting", "blocked"]


@dataclass(frozen=True)
class Block:
    """Why a product is not published any more, until somebody releases it.

    Attributes:
        position: of the first transaction of which nothing is published.
        reason: in words, without any value.
        time_ms: when the source committed what stands at the position, milliseconds since 1970.
        skipped: transactions that touched its documents and of which nothing was published.
    """

    position: Position
    reason: str
    time_ms: int
    skipped: int = 0


@dataclass(frozen=True)
class Answer:
    """What became of a request; kept as long as the request stands, so that it is done once.

    Attributes:
        position: at which it was done.
        evaluated: documents that were computed for it.
        published: events that it made, tombstones included.
        quarantined: of those documents, how many are in quarantine now.
        discarded: keys taken off the list.
        skipped: transactions that a block, which it released, had skipped.
        refused: why nothing was done; empty when it was.
    """

    position: Position
    evaluated: int = 0
    published: int = 0
    quarantined: int = 0
    discarded: int = 0
    skipped: int = 0
    refused: str = ""


@dataclass(frozen=True)
class ProductProgress:
    """How far one product's version has been published.

    Attributes:
        digest: of the deployment in force.
        status: "publishing" while all documents are published in parts, then "live"; "waiting"
            while a table that it reads has to be read again; "blocked" from a violation on, where
            the contract says so, until it is released.
        since_position: where this deployment came into force.
        position: the position that its events are complete to.
        parts_done: how many parts were published; counts while `status` is "publishing".
        parts: how many parts there are.
        block: why it is blocked; None unless `status` is "blocked".
    """

    digest: str
    status: Status
    since_position: Position
    position: Position
    parts_done: int = 0
    parts: int = 0
    block: Block | None = None


@dataclass(frozen=True)
class Progress:
    """The progress of one shard, which is one source.

    Attributes:
        inputs: by the input's name, such as `sales.shop`.
        deployments: by the product version's topic.
        answers: to requests that still stand, by their id.
        format: version of this format.
    """

    inputs: Mapping[str, Input]
    deployments: Mapping[str, ProductProgress] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    format: int = FORMAT


def encode(progress: Progress) -> bytes:
    """Give the record's value: the same bytes for the same progress."""
    return msgspec.json.encode(progress, order="deterministic")


def decode(value: bytes) -> Progress:
    """Read a progress record.

    Raises:
        ValueError: when it is no progress of a format that this version knows.
    """
    try:
        progress = msgspec.json.decode(value, type=Progress)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    if progress.format != FORMAT:
        raise ValueError(f"format {progress.format}, this version reads {FORMAT}")
    return progress
